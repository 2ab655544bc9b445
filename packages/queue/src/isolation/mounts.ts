import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { WorkingView } from '@svc/contracts';
import { type CopyFolders, copyFolders, exists, renameIfThere, type Trash } from '../folders.ts';
import { contains, joinPath, quote } from '../paths.ts';
import { copyTree, type Layer, layeredView } from '../view.ts';
import { findVisible, isShown, type Visible } from '../visibility.ts';
import type {
  CopyRequest,
  IsolatedCommand,
  Isolation,
  IsolationContext,
  ToolFolder,
  WorkingCopy,
  WrappedCommand,
} from './isolation.ts';
import { maskIgnored } from './mask.ts';
import { type MountPlan, mountCommands, type Overlay, sealedMountCommands } from './mount-script.ts';
import { readViolations, traceArguments } from './trace.ts';

/** How `unshare` is to be called here, as `choose.ts` found out by trying. */
export interface NamespaceTools {
  readonly unshare: readonly string[];
  /** Ends the command when svc itself is killed. */
  readonly parentDeathSignal: readonly string[];
  /** Runs the command as the user who called, instead of as the namespace's root. */
  readonly asCaller: readonly string[];
  readonly strace: boolean;
}

/**
 * Working copies by overlay mounts: the checkout is the lowest layer and is never written, an install's result lies above
 * it, and on top each service writes into a layer of its own. Nothing is copied but the loose files above the services'
 * roots.
 */
export async function mountIsolation(
  context: IsolationContext,
  tools: NamespaceTools,
  trash: Trash,
  strict: boolean,
): Promise<Isolation> {
  const mask = join(context.work, 'mask');
  await maskIgnored(mask, context.ground.ignored, tools);
  const copies = new Map<string, MountedCopy>();
  return {
    name: strict ? 'strict' : 'mounts',
    unpromised:
      strict && !tools.strace
        ? ['undeclared reads fail, but only the program itself can name them (install strace)']
        : [],
    async open(request) {
      const base = request.base ? copies.get(request.base.id) : undefined;
      const copy = new MountedCopy(context, tools, request, mask, base ?? null, strict);
      await copy.prepare(trash);
      copies.set(request.id, copy);
      return copy;
    },
    close: async () => {},
  };
}

/** svc may be installed inside the project that its view covers, so its programs are shown at a place of their own. */
const TOOLS = '/tmp/.svc-tools';

class MountedCopy implements WorkingCopy {
  readonly id: string;
  readonly output: string;
  readonly failures: string;
  readonly home: string;
  readonly temp = '/tmp';
  readonly boundary: string;
  readonly view: WorkingView;
  readonly folders: CopyFolders;
  #mounts: MountPlan | undefined;
  readonly #context: IsolationContext;
  readonly #tools: NamespaceTools;
  readonly #request: CopyRequest;
  readonly #mask: string;
  readonly #base: MountedCopy | null;
  readonly #strict: boolean;

  constructor(
    context: IsolationContext,
    tools: NamespaceTools,
    request: CopyRequest,
    mask: string,
    base: MountedCopy | null,
    strict: boolean,
  ) {
    this.#context = context;
    this.#tools = tools;
    this.#request = request;
    this.#mask = mask;
    this.#base = base;
    this.#strict = strict;
    this.id = request.id;
    this.folders = copyFolders(context.work, request.id);
    this.boundary = context.ground.boundary;
    this.output = join(this.folders.control, 'output');
    this.failures = join(this.folders.control, 'failures.json');
    this.home = join(this.folders.control, 'home');
    this.view = layeredView(this.#layers(), (directory, to) => this.#copyMerged(directory, to));
  }

  /** Starts from nothing but the caches of the last run, so that what a build leaves behind never steers the next. */
  async prepare(trash: Trash): Promise<void> {
    const { base, skeleton, upper, scratch, control, temp } = this.folders;
    const old = `${base}.last`;
    if (!this.#request.keep && (await renameIfThere(base, old))) {
      for (const cache of this.#request.caches) await this.#adopt(old, cache);
      await trash.discard(old);
    }
    // A killed run may have left one aside.
    else if (await exists(old)) await trash.discard(old);
    if (this.#request.keep) for (const part of [scratch, temp, control]) await trash.discard(part);
    for (const folder of [skeleton, upper, scratch, temp, this.home, this.output])
      await mkdir(folder, { recursive: true });
    const visible = await findVisible(this.#context.ground, this.#request.rules);
    this.#mounts = await this.#compose(visible, control);
  }

  async #adopt(old: string, cache: string): Promise<void> {
    const { upper, skeleton } = this.folders;
    const wasComposed = await renameIfThere(join(old, 'root', cache), join(skeleton, cache));
    if (!wasComposed) await renameIfThere(join(old, 'upper', cache), join(upper, cache));
  }

  async #compose(visible: Visible, control: string): Promise<MountPlan> {
    const { boundary } = this.#context.ground;
    const { skeleton, temp } = this.folders;
    for (const folder of visible.composed) await mkdir(join(skeleton, folder), { recursive: true });
    await this.#copyLoose(visible.files);
    const overlays: Overlay[] = [];
    for (const folder of visible.folders) {
      const installed = this.#base && join(this.#base.folders.upper, folder);
      const candidates = [installed, join(this.#mask, folder)];
      const above = await Promise.all(
        candidates.map(async path => (path && (await exists(path)) ? [path] : [])),
      );
      overlays.push(await this.#overlay(folder, [...above.flat(), join(boundary, folder)]));
    }
    for (const folder of await this.#installedFolders(visible)) {
      if (this.#base) overlays.push(await this.#overlay(folder, [join(this.#base.folders.skeleton, folder)]));
    }
    const shownControl = join(skeleton, relative(boundary, control));
    await mkdir(shownControl, { recursive: true });
    const binds = [{ from: control, to: shownControl }];
    return { skeleton, target: boundary, overlays, binds, temp, exposed: [] };
  }

  async #overlay(folder: string, lower: readonly string[]): Promise<Overlay> {
    const { skeleton, upper, scratch } = this.folders;
    const overlay = {
      at: join(skeleton, folder),
      lower,
      upper: join(upper, folder),
      scratch: join(scratch, folder),
    };
    for (const path of [overlay.at, overlay.upper, overlay.scratch]) await mkdir(path, { recursive: true });
    return overlay;
  }

  async #copyLoose(files: readonly string[]): Promise<void> {
    const { boundary } = this.#context.ground;
    const wanted = new Set(files);
    const folders = new Set(files.map(file => file.slice(0, Math.max(0, file.lastIndexOf('/'))) || '.'));
    for (const folder of folders) {
      await copyTree(join(boundary, folder), join(this.folders.skeleton, folder), folder, path =>
        wanted.has(path),
      );
    }
  }

  /**
   * What the install made in composed folders, such as the workspace's `node_modules`. Folders become lower layers; the
   * files are copied at once.
   */
  async #installedFolders(visible: Visible): Promise<string[]> {
    const base = this.#base;
    if (!base) return [];
    const known = new Set([
      ...visible.composed,
      ...visible.folders,
      ...visible.files,
      ...this.#context.ground.reserved,
    ]);
    const folders: string[] = [];
    for (const composed of ['.', ...visible.composed]) {
      const place = join(base.folders.skeleton, composed);
      if (!(await exists(place))) continue;
      const files = new Set<string>();
      for (const entry of await readdir(place, { withFileTypes: true })) {
        const path = joinPath(composed, entry.name);
        if (known.has(path) || !this.#isInstalled(path)) continue;
        if (entry.isDirectory()) folders.push(path);
        else files.add(path);
      }
      if (files.size > 0)
        await copyTree(place, join(this.folders.skeleton, composed), composed, path => files.has(path));
    }
    return folders;
  }

  /** Mount points of the install's own view, for services that this copy does not show, are not results. */
  #isInstalled(path: string): boolean {
    const { ground } = this.#context;
    if (ground.reserved.some(reserved => contains(path, reserved))) return false;
    return isShown(path, this.#request.rules) && !ground.composed.has(path);
  }

  #layers(): Layer[] {
    const { ground } = this.#context;
    const isReserved = (path: string) => ground.reserved.some(reserved => contains(reserved, path));
    const notReserved = (path: string) => !isReserved(path);
    const rules = this.#request.rules;
    const visible = (path: string) =>
      notReserved(path) && (ground.composed.has(path) || isShown(path, rules));
    const own: Layer[] = [
      { folder: this.folders.skeleton, shows: notReserved },
      { folder: this.folders.upper, shows: notReserved },
    ];
    const installed = this.#base
      ? [
          { folder: this.#base.folders.skeleton, shows: visible },
          { folder: this.#base.folders.upper, shows: visible },
        ]
      : [];
    const single = new Set(rules.files);
    const isIgnored = (path: string) => {
      if (single.has(path)) return false;
      for (
        let part = path;
        part !== '.';
        part = part.includes('/') ? part.slice(0, part.lastIndexOf('/')) : '.'
      ) {
        if (ground.ignored.has(part)) return true;
      }
      return false;
    };
    return [
      ...own,
      ...installed,
      { folder: ground.boundary, shows: path => visible(path) && !isIgnored(path) },
    ];
  }

  toolPath(module: string, folders: readonly ToolFolder[]): string {
    const folder = folders.find(({ from }) => contains(from, module));
    return folder ? `${TOOLS}/${folder.name}/${relative(folder.from, module)}` : module;
  }

  wrap(command: IsolatedCommand): WrappedCommand {
    const mounts = this.#mounts;
    if (!mounts) throw new Error(`working copy ${this.id} was not prepared`);
    const shown = (command.tools ?? []).map(({ from, name }) => ({
      from,
      to: `${TOOLS}/${name}`,
      writable: false,
    }));
    const needed = command.needs
      .filter(({ path }) => this.#strict || path.startsWith('/tmp/'))
      .filter(({ path }) => !contains(this.boundary, path) && !contains(path, this.boundary))
      .map(({ path, writable }) => ({ from: path, to: path, writable }));
    const plan = { ...mounts, exposed: [...shown, ...needed] };
    const root = join(this.folders.base, 'system');
    const commands = this.#strict
      ? [`mkdir -p ${quote(root)}`, ...sealedMountCommands(plan, root), ...this.#enterSealed(root, command)]
      : [
          ...mountCommands(plan),
          `cd ${quote(join(this.boundary, command.cwd))}`,
          ...runUnderInit([...this.#tools.asCaller.map(quote), '"$@"'].join(' ')),
        ];
    const namespaces = [...this.#tools.unshare, ...(this.#strict && !command.network ? ['--net'] : [])];
    const [file = 'unshare', ...args] = [...this.#tools.parentDeathSignal, 'unshare', ...namespaces, '--'];
    return {
      file,
      args: [...args, '/bin/sh', '-c', commands.join('\n'), 'svc', command.file, ...command.args],
      cwd: this.#context.work,
      sealed: true,
    };
  }

  /** Loopback is the one network a sealed step has: build tools talk to their own workers over it. */
  #enterSealed(root: string, command: IsolatedCommand): string[] {
    const trace =
      this.#tools.strace && !command.network ? traceArguments(join(this.folders.control, 'trace')) : [];
    const words = [
      ...trace,
      ...this.#tools.asCaller,
      '/bin/sh',
      '-c',
      'cd "$0" && exec "$@"',
      join(this.boundary, command.cwd),
    ];
    return [
      ...(command.network ? [] : ['ip link set lo up 2>/dev/null || true']),
      ...runUnderInit(`chroot ${quote(root)} ${words.map(quote).join(' ')} "$@"`),
    ];
  }

  /** Every copy starts without what the last run made. */
  async empty(): Promise<void> {}

  async violations() {
    if (!this.#strict || !this.#tools.strace) return [];
    return readViolations(join(this.folders.control, 'trace'), this.#context.ground, this.#request.rules);
  }

  /** Copies a folder that has parts in several layers from within the mounts, where the kernel merges them. */
  async #copyMerged(directory: string, to: string): Promise<void> {
    const inside = join(this.folders.control, 'merged');
    await mkdir(inside, { recursive: true });
    const wrapped = this.wrap({
      file: 'cp',
      args: ['-a', '--no-preserve=ownership', `${join(this.boundary, directory)}/.`, inside],
      cwd: '.',
      network: false,
      needs: [],
    });
    await promisify(execFile)(wrapped.file, [...wrapped.args], { cwd: wrapped.cwd });
    await mkdir(join(to, '..'), { recursive: true });
    await copyTree(inside, to, directory, () => true);
  }
}

/**
 * The shell stays the first process of the namespace instead of becoming the command: the kernel delivers no SIGTERM to a
 * first process that does not ask for it, and few programs do.
 */
function runUnderInit(command: string): string[] {
  return ['set +e', command, 'exit $?'];
}
