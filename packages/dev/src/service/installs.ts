import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { ok, type Result } from '@svc/contracts';
import type { DevelopmentInstall } from '@svc/planner';
import type { Sources } from '@svc/sources';
import { LastLines } from './last-lines.ts';
import { isManifest, isPackageLock, LOCKFILES } from './manifests.ts';
import { runDraft } from './steps.ts';

export interface InstallContext {
  readonly boundary: string;
  /** Absolute path of the folder for stamps. */
  readonly folder: string;
  readonly sources: () => Sources;
  readonly env: (directory: string) => Readonly<Record<string, string>>;
  readonly mark: Readonly<Record<string, string>>;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
  readonly signal: AbortSignal;
}

/** Where package managers leave word of what they have installed. */
const OWN_STAMPS = [
  'node_modules/.package-lock.json',
  'node_modules/.modules.yaml',
  'node_modules/.yarn-integrity',
  'node_modules/.yarn-state.yml',
  '.pnp.cjs',
];

/**
 * The installs of a run, each once for all services that share it, and only when what it follows from has changed: by a stamp
 * of ours, or by the package manager's own where the developer has installed without svc.
 */
export class Installs {
  private readonly running = new Map<string, Promise<Result<void>>>();

  constructor(private readonly context: InstallContext) {}

  /** @param onBegin called when there is something to do. */
  async ensure(install: DevelopmentInstall, onBegin: () => void): Promise<Result<void>> {
    const key = keyOf(install);
    const running = this.running.get(key);
    if (running) {
      onBegin();
      return running;
    }
    const digest = await this.digestOf(install);
    if (await this.isRight(install, digest)) return ok(undefined);
    const again = this.running.get(key);
    onBegin();
    if (again) return again;
    const started = this.run(install).finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }

  isRunning(install: DevelopmentInstall): boolean {
    return this.running.has(keyOf(install));
  }

  async isOutdated(install: DevelopmentInstall): Promise<boolean> {
    return !(await this.isRight(install, await this.digestOf(install)));
  }

  private async run(install: DevelopmentInstall): Promise<Result<void>> {
    const { boundary, folder, env, mark, signal } = this.context;
    const stamp = this.stampOf(install);
    await rm(stamp, { force: true });
    const wanted = await this.wantedOf(install);
    const lines = new LastLines();
    const line = install.command;
    const done = await runDraft(
      { kind: 'install', label: line, command: { type: 'shell', line }, env: install.env },
      {
        cwd: join(boundary, install.folder),
        boundary,
        state: folder,
        env: env(install.folder),
        tools: { modules: {}, preloads: {} },
        lines,
        signal,
        mark,
        onLine: (stream, text) => {
          lines.add(text);
          this.context.onLine(stream, text);
        },
      },
    );
    if (signal.aborted) return done;
    // Whoever has edited a manifest meanwhile wants that to be installed too.
    if ((await this.wantedOf(install)) !== wanted) return this.run(install);
    // The install itself may have brought the lockfile up to date.
    if (done.ok) await this.write(install);
    return done;
  }

  private async write(install: DevelopmentInstall): Promise<void> {
    const stamp = this.stampOf(install);
    await mkdir(dirname(stamp), { recursive: true });
    await writeFile(stamp, await this.digestOf(install));
  }

  private async isRight(install: DevelopmentInstall, digest: string): Promise<boolean> {
    const isThere = install.isConfigured || install.fills.some(path => this.exists(path));
    if (!isThere) return false;
    const stamp = await readFile(this.stampOf(install), 'utf8').catch(() => undefined);
    if (stamp !== undefined || install.isConfigured) return stamp === digest;
    if (!(await this.isNewer(install))) return false;
    await this.write(install);
    return true;
  }

  /** Whether the package manager has installed since the manifests were written. */
  private async isNewer(install: DevelopmentInstall): Promise<boolean> {
    const times = OWN_STAMPS.map(name => this.timeOf(join(install.folder, name))).filter(time => time > 0);
    const installed = Math.max(0, ...times);
    const manifests = await this.manifests(install);
    return installed > 0 && manifests.every(path => this.timeOf(path) <= installed);
  }

  /**
   * Manifests and lockfiles in a folder, relative to the boundary. Lockfiles are looked for, since an install has just written one
   * that no list of sources knows yet.
   */
  async manifestsIn(folder: string): Promise<readonly string[]> {
    const listed = await this.context.sources().files([folder], isManifest);
    const locks = LOCKFILES.map(name => posix.join(folder, name)).filter(path => this.exists(path));
    return [...new Set([...listed, ...locks])].sort();
  }

  private manifests({ folder }: DevelopmentInstall): Promise<readonly string[]> {
    return this.manifestsIn(folder);
  }

  private async digestOf(install: DevelopmentInstall): Promise<string> {
    return this.digestOfFiles(install, await this.manifests(install));
  }

  /** Of what is asked for, without what an install writes itself. */
  private async wantedOf(install: DevelopmentInstall): Promise<string> {
    const manifests = await this.manifests(install);
    return this.digestOfFiles(
      install,
      manifests.filter(path => !isPackageLock(path)),
    );
  }

  private async digestOfFiles(install: DevelopmentInstall, paths: readonly string[]): Promise<string> {
    const hash = createHash('sha256');
    const { version, arch, platform } = process;
    hash.update(JSON.stringify([install.command, install.folder, version, arch, platform]));
    for (const path of paths) {
      const content = await readFile(join(this.context.boundary, path)).catch(() => Buffer.alloc(0));
      hash.update(`${path}\0${content.length}\0`).update(content);
    }
    return hash.digest('hex');
  }

  private stampOf(install: DevelopmentInstall): string {
    const name = createHash('sha256').update(keyOf(install)).digest('hex').slice(0, 16);
    return join(this.context.folder, `${name}.stamp`);
  }

  private exists(path: string): boolean {
    return existsSync(join(this.context.boundary, path));
  }

  private timeOf(path: string): number {
    return statSync(join(this.context.boundary, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }
}

/** Services with the same install share it. */
function keyOf({ folder, command }: DevelopmentInstall): string {
  return JSON.stringify([folder, command]);
}
