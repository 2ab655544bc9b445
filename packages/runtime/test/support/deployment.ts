import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Failure } from '@svc/contracts';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import {
  type RunningDeployment,
  type RuntimeEvent,
  type StartOptions,
  startDeployment,
} from '../../src/index.ts';

const folders: string[] = [];
const running: RunningDeployment[] = [];
let programs: StartOptions['programs'];

beforeAll(async () => {
  const here = dirname(fileURLToPath(import.meta.url));
  // Inside the package, so that the programs find the libraries that are not bundled.
  const dist = join(here, '..', '..', 'dist');
  await mkdir(dist, { recursive: true });
  const folder = await mkdtemp(join(dist, 'test-'));
  folders.push(folder);
  const source = join(here, '..', '..', 'src');
  await build({
    entryPoints: {
      launcher: join(source, 'launcher', 'main.ts'),
      'edge-launcher': join(source, 'launcher', 'edge', 'main.ts'),
      watchdog: join(source, 'watchdog', 'main.ts'),
    },
    outdir: folder,
    bundle: true,
    platform: 'node',
    external: ['esbuild', '@edge-runtime/vm'],
    format: 'esm',
    outExtension: { '.js': '.mjs' },
  });
  programs = {
    launcher: join(folder, 'launcher.mjs'),
    edgeLauncher: join(folder, 'edge-launcher.mjs'),
    watchdog: join(folder, 'watchdog.mjs'),
  };
});

afterAll(async () => {
  await Promise.all(running.splice(0).map(deployment => deployment.stop()));
  await Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'svc-runtime-'));
  folders.push(folder);
  return folder;
}

export type Files = Readonly<Record<string, string | Uint8Array | object>>;

/** A folder with these files; objects are written as JSON. */
export async function folderOf(files: Files): Promise<string> {
  const folder = await temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    await writeFile(file, isRaw ? content : JSON.stringify(content));
  }
  return folder;
}

export interface Site {
  readonly url: string;
  readonly port: number;
  readonly deployment: RunningDeployment;
  readonly events: readonly RuntimeEvent[];
  /** Resolves with the first event that fits, of those told and those to come. */
  next(fits: (event: RuntimeEvent) => boolean): Promise<RuntimeEvent>;
}

/** Starts a deployment of these files on a free port; it is stopped after the tests. */
export async function start(files: Files, options: Partial<StartOptions> = {}): Promise<Site> {
  const started = await tryStart(await folderOf(files), options);
  if (!('site' in started)) throw new Error(JSON.stringify(started.failures));
  return started.site;
}

export async function tryStart(
  directory: string,
  options: Partial<StartOptions> = {},
): Promise<{ readonly site: Site } | { readonly failures: readonly Failure[] }> {
  const events: RuntimeEvent[] = [];
  const waiting = new Set<() => void>();
  const started = await startDeployment({
    directory,
    port: 0,
    isPortFixed: true,
    host: undefined,
    eager: false,
    env: { PATH: process.env.PATH },
    declaredEnv: {},
    programs,
    emit: event => {
      events.push(event);
      for (const look of waiting) look();
    },
    ...options,
  });
  if (!started.ok) return { failures: started.failures };
  running.push(started.value);
  const { port } = started.value;
  return {
    site: {
      url: `http://127.0.0.1:${port}`,
      port,
      deployment: started.value,
      events,
      next: fits =>
        new Promise(resolve => {
          const look = () => {
            const found = events.find(fits);
            if (!found) return;
            waiting.delete(look);
            resolve(found);
          };
          waiting.add(look);
          look();
        }),
    },
  };
}

export const isProblem = (event: RuntimeEvent) => event.type === 'problem';
