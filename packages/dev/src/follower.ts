import { posix, relative, sep } from 'node:path';
import { CONFIG_FILES, loadProject } from '@svc/config';
import { openSources, type Sources } from '@svc/sources';
import type { Fleet, FleetOptions } from './fleet.ts';
import type { DevService } from './service/dev-service.ts';
import { isManifest, isPackageLock } from './service/manifests.ts';
import { Contents } from './watch/contents.ts';
import { isInputOf } from './watch/inputs.ts';
import { type Changes, isWithin, type Watcher, watchSources } from './watch/watch.ts';

/** Files of the project's folder from which its configuration follows. */
const CONFIGURATION: readonly string[] = [...CONFIG_FILES, 'svc.json', 'svc.jsonc', '.env'];
/** Files beside manifests from which a plan follows. */
const SHAPES = /(?:^|\/)[^/]*\.dockerignore$/;
/** What programs write while they run, and is no source even where git does not ignore it. */
const WRITTEN =
  /\.(?:log|pid|sock|lock|sqlite3?|db|db3)(?:-(?:wal|shm|journal))?$|\.(?:pyc|pyo|tsbuildinfo)$/;

/** Carries every change of the project's files over to what runs, one batch after the other. */
export class Follower {
  private watcher: Watcher | undefined;
  private ignored: ReadonlySet<string> = new Set();
  /** All files that are inputs, as of the last look. */
  private listed: ReadonlySet<string> = new Set();
  private work: Promise<void> = Promise.resolve();
  private isStopped = false;
  private hasBrokenConfig = false;
  private readonly contents: Contents;

  constructor(
    private readonly fleet: Fleet,
    private sources: Sources,
    private readonly options: FleetOptions,
  ) {
    this.contents = new Contents(fleet.project.boundary);
  }

  async start(): Promise<void> {
    await this.list();
    this.watcher = await watchSources({
      boundary: this.fleet.project.boundary,
      roots: () => this.roots(),
      ignored: () => this.ignored,
      onChanges: changes => {
        this.work = this.work.then(() => this.follow(changes));
      },
      onError: error => this.tellWatchError(error),
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.watcher?.close();
    await this.work;
  }

  private async follow(changes: Changes): Promise<void> {
    if (this.isStopped) return;
    const { appeared, gone } = changes;
    const [changed] = await Promise.all([
      this.contents.news(changes.changed),
      this.contents.news([...appeared, ...gone]),
    ]);
    if (changed.length + appeared.length + gone.length === 0) return;
    const all = [...changed, ...appeared, ...gone];
    const isStructural =
      appeared.length > 0 || gone.length > 0 || all.some(path => isManifest(path) || SHAPES.test(path));
    const isConfig = all.some(path => this.isConfiguration(path));
    const before = this.listed;
    if (isStructural) await this.look();
    const restarted = isConfig
      ? await this.reload()
      : isStructural
        ? await this.plan(this.fleet.project, false)
        : [];
    // What came and went between two looks, as editors do when they save, is no change.
    const touched = all.filter(path => (this.listed.has(path) || before.has(path)) && !WRITTEN.test(path));
    if (!isConfig) this.tellRestarts(restarted, touched);
    await this.pass(touched);
  }

  /** What runs in another way now because of files rather than of the configuration. */
  private tellRestarts(restarted: readonly string[], touched: readonly string[]): void {
    for (const name of restarted) {
      const own = touched.filter(path => this.isInput(name, path));
      const paths = own.length > 0 ? own : touched;
      this.options.emit({ type: 'service.changed', service: name, paths });
    }
  }

  /** A broken edit leaves everything as it was. @returns the services that start again. */
  private async reload(): Promise<readonly string[]> {
    const { emit, env } = this.options;
    const loaded = await loadProject(this.fleet.project.directory, { env });
    if (!loaded.ok) {
      this.hasBrokenConfig = true;
      emit({ type: 'config.failed', failures: loaded.failures });
      return [];
    }
    const known = new Set(this.fleet.project.warnings.map(warning => JSON.stringify(warning)));
    for (const notice of loaded.value.warnings) {
      if (!known.has(JSON.stringify(notice))) emit({ type: 'notice', notice });
    }
    const restarted = await this.plan(loaded.value, true);
    this.watcher?.refresh();
    return restarted;
  }

  private async plan(project: Fleet['project'], isNew: boolean): Promise<readonly string[]> {
    const { emit } = this.options;
    const applied = await this.fleet.apply(project, this.sources);
    if (!applied.ok) {
      this.hasBrokenConfig = true;
      emit({ type: 'config.failed', failures: applied.failures });
      return [];
    }
    const { added, removed, restarted, routes } = applied.value;
    const isChange = routes || added.length + removed.length + restarted.length > 0;
    if (isNew && (isChange || this.hasBrokenConfig)) emit({ type: 'config.applied', ...applied.value });
    if (isNew) this.hasBrokenConfig = false;
    return restarted;
  }

  /** Tells every service whose files were touched. */
  private async pass(touched: readonly string[]): Promise<void> {
    const { emit } = this.options;
    for (const service of this.fleet.services.values()) {
      if (service.state === 'off' || service.state === 'waiting') continue;
      const paths = touched.filter(path => this.isInput(service.name, path));
      if (paths.length === 0) continue;
      const isInstalling = this.fleet.isInstalling(service.name);
      // An install that runs writes its lockfile itself.
      const manifests = paths.filter(path => isManifest(path) && !(isInstalling && isPackageLock(path)));
      const needsInstall = manifests.length > 0 && (await this.fleet.isOutdated(service.name));
      // What an install wrote itself is no news, nor is a package.json above a service in another language.
      const news = paths.filter(path => !isPackageLock(path) && !this.isShared(service, path));
      const isStarted = (needsInstall || news.length > 0) && service.changed(news, needsInstall);
      if (isStarted) emit({ type: 'service.changed', service: service.name, paths });
    }
  }

  private isInput(name: string, path: string): boolean {
    const developed = this.fleet.developed(name);
    if (!developed) return this.isInRootOf(name, path);
    return isInputOf(developed, this.otherRoots(name), path);
  }

  /** A manifest outside of everything that the service is made of: it says what is installed, if anything is. */
  private isShared({ name }: DevService, path: string): boolean {
    const roots = this.fleet.developed(name)?.inputs.roots ?? [];
    return isManifest(path) && !roots.some(root => isWithin(root, path));
  }

  private isInRootOf(name: string, path: string): boolean {
    const root = this.rootOf(this.fleet.project.services.find(service => service.name === name)?.root ?? '.');
    return isWithin(root, path);
  }

  private otherRoots(name: string): string[] {
    return this.fleet.project.services
      .filter(service => service.name !== name)
      .map(({ root }) => this.rootOf(root));
  }

  private rootOf(root: string): string {
    return posix.join(this.prefix, root).replace(/(?<=.)\/$/, '');
  }

  private get prefix(): string {
    const { boundary, directory } = this.fleet.project;
    return relative(boundary, directory).split(sep).join('/') || '.';
  }

  private roots(): readonly string[] {
    const { project } = this.fleet;
    const declared = project.services.flatMap(({ local }) => local.envFiles);
    const inputs = project.services.flatMap(({ name, root }) => {
      const developed = this.fleet.developed(name);
      return developed ? [...developed.inputs.roots, ...developed.inputs.files] : [this.rootOf(root)];
    });
    const own = [...CONFIGURATION, ...declared].map(file => posix.join(this.prefix, file));
    return [...new Set([...inputs, ...own])];
  }

  private isConfiguration(path: string): boolean {
    const { services } = this.fleet.project;
    const declared = services.flatMap(({ local }) => local.envFiles);
    if (declared.some(file => posix.join(this.prefix, file) === path)) return true;
    return posix.dirname(path) === this.prefix && CONFIGURATION.includes(posix.basename(path));
  }

  /** Lists the files anew. */
  private async look(): Promise<void> {
    this.sources = await openSources(this.fleet.project.boundary);
    await this.list();
  }

  private async list(): Promise<void> {
    this.listed = new Set(await this.sources.files(['.']));
    const ignored = await this.sources.ignored();
    this.ignored = new Set(ignored.filter(path => path.endsWith('/')).map(path => path.slice(0, -1)));
  }

  private tellWatchError(error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    const isLimit = code === 'ENOSPC' || code === 'EMFILE';
    this.options.emit({
      type: 'problem',
      service: null,
      message: isLimit
        ? `the system allows no more watched folders, so some changes will not be noticed (${code}). On Linux: sysctl fs.inotify.max_user_watches=524288`
        : `watching files failed: ${error.message}`,
    });
  }
}
