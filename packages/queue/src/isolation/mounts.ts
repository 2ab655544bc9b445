import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { WorkingView } from '@svc/contracts';
import { type CopyFolders, copyFolders, exists, removeTree, renameIfThere, type Trash } from '../folders.ts';
import { contains, quote } from '../paths.ts';
import { copyTree, layeredView } from '../view.ts';
import { findVisible } from '../visibility.ts';
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
import { mountLayers } from './mount-layers.ts';
import { composeParts } from './mount-parts.ts';
import { type MountPlan, mountCommands, sealedMountCommands } from './mount-script.ts';
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
  readonly report: string;
  readonly home: string;
  // `/tmp` itself may hold ways to what a step needs: a project, or programs, that lie below the machine's `/tmp`.
  readonly temp = '/tmp/svc';
  readonly boundary: string;
  readonly view: WorkingView;
  readonly folders: CopyFolders;
  #mounts: MountPlan | undefined;
  readonly #mounted = new Set<string>();
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
    this.report = join(this.folders.control, 'report.json');
    this.home = join(this.folders.control, 'home');
    const below = base?.folders ?? null;
    this.view = layeredView({
      layers: mountLayers(context.ground, request.rules, this.folders, below, this.#mounted),
      isComposed: path => context.ground.composed.has(path),
      copyMerged: (directory, to) => this.#copyMerged(directory, to),
    });
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
    for (const folder of [skeleton, upper, scratch, join(temp, 'svc'), this.home, this.output])
      mkdirSync(folder, { recursive: true });
    // Nothing runs in a copy that is kept as it is, so there is nothing to mount.
    if (!this.#request.keep) this.#mounts = await this.#compose();
  }

  async #adopt(old: string, cache: string): Promise<void> {
    const { upper, skeleton } = this.folders;
    const wasComposed = await renameIfThere(join(old, 'root', cache), join(skeleton, cache));
    if (!wasComposed) await renameIfThere(join(old, 'upper', cache), join(upper, cache));
  }

  async #compose(): Promise<MountPlan> {
    const { ground } = this.#context;
    const { rules } = this.#request;
    const visible = await findVisible(ground, rules);
    const base = this.#base?.folders ?? null;
    const plan = await composeParts({ ground, rules, visible, own: this.folders, base, mask: this.#mask });
    for (const { at } of plan.overlays) this.#mounted.add(relative(plan.skeleton, at));
    return plan;
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
    await removeTree(inside);
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
