import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sources } from '@svc/sources';
import { type CopyFolders, copyFolders, emptyFolders, exists, removeTree, type Trash } from '../folders.ts';
import { contains } from '../paths.ts';
import { plainView } from '../view.ts';
import { findVisible, type Visible } from '../visibility.ts';
import type { CopyRequest, Isolation, IsolationContext, WorkingCopy } from './isolation.ts';
import { syncFiles } from './sync.ts';

/** A shared folder with more files than this is copied once and linked into each working copy. */
const LINKED_ABOVE = 1000;

/**
 * Working copies without mounts: real folders, brought up to date by copying what changed. Services that stand on one
 * install share its tree, because package managers tie a workspace together by relative links.
 */
export function copyIsolation(
  context: IsolationContext,
  sources: Sources,
  trash: Trash,
  why: string | null,
): Isolation {
  const trees = new Map<string, Promise<void>>();
  const shared = new SharedFolders(context, sources);
  const temporary: string[] = [];
  return {
    name: 'copy',
    unpromised: [
      `services of one workspace share a working copy and see each other, and temp folders of others can be listed${why ? ` (no mounts here: ${why})` : ''}`,
    ],
    async open(request) {
      const folders = copyFolders(context.work, request.id);
      const treeId = request.base?.id ?? request.id;
      const tree = join(copyFolders(context.work, treeId).base, 'tree');
      if (!request.base) {
        const prepared = trees.get(treeId) ?? prepareTree(tree, context, sources, shared, request);
        trees.set(treeId, prepared);
        await prepared;
      }
      const copy = await openCopy(request, folders, tree, trash);
      temporary.push(copy.temp);
      return copy;
    },
    // The temp folders lie outside the project, where nobody else would remove them.
    async close() {
      await Promise.all(temporary.splice(0).map(folder => removeTree(folder)));
    },
  };
}

async function openCopy(
  request: CopyRequest,
  folders: CopyFolders,
  tree: string,
  trash: Trash,
): Promise<WorkingCopy> {
  const output = join(folders.control, 'output');
  const home = join(folders.control, 'home');
  await trash.discard(folders.control);
  await mkdir(output, { recursive: true });
  await mkdir(home, { recursive: true });
  const temp = await newTempFolder(join(folders.base, 'temp-folder'));
  return {
    id: request.id,
    output,
    report: join(folders.control, 'report.json'),
    home,
    temp,
    boundary: tree,
    view: plainView(tree),
    toolPath: module => module,
    wrap: command => ({
      file: command.file,
      args: command.args,
      cwd: join(tree, command.cwd),
      sealed: false,
    }),
    empty: paths => emptyFolders(tree, paths),
    violations: async () => [],
  };
}

/**
 * A temp folder under the system's own, whose paths are short enough for the sockets that tools make there. Its path is
 * noted in the working copy, so that the next run removes the one that a killed run has left.
 */
async function newTempFolder(note: string): Promise<string> {
  if (await exists(note)) await removeTree(await readFile(note, 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'svc-'));
  await writeFile(note, folder);
  return folder;
}

async function prepareTree(
  tree: string,
  context: IsolationContext,
  sources: Sources,
  shared: SharedFolders,
  request: CopyRequest,
): Promise<void> {
  const visible = await findVisible(context.ground, request.rules);
  const all = await sources.files(['.']);
  const linked = new Set<string>();
  for (const folder of visible.folders) {
    const isOwn = request.rules.shown.some(root => contains(root, folder));
    if (!isOwn && all.filter(file => contains(folder, file)).length > LINKED_ABOVE) linked.add(folder);
  }
  await mkdir(tree, { recursive: true });
  const wanted = filesOf(visible, all, linked, request);
  await syncFiles({ from: context.ground.boundary, to: tree, files: wanted, keep: keptPaths(request) });
  for (const folder of linked) await linkFolder(await shared.folder(folder), join(tree, folder));
  await pointToRepository(context.ground.boundary, tree);
}

function filesOf(
  visible: Visible,
  all: readonly string[],
  linked: ReadonlySet<string>,
  request: CopyRequest,
): string[] {
  const folders = visible.folders.filter(folder => !linked.has(folder));
  const single = new Set([...visible.files, ...request.rules.files]);
  return [
    ...new Set([
      ...all.filter(file => single.has(file) || folders.some(folder => contains(folder, file))),
      ...request.rules.files,
    ]),
  ];
}

/** What a sync leaves alone although no source is behind it. */
function keptPaths(request: CopyRequest): (path: string) => boolean {
  return path =>
    (request.keep && path.split('/').includes('node_modules')) ||
    request.caches.some(cache => contains(cache, path) || contains(path, cache));
}

async function linkFolder(target: string, at: string): Promise<void> {
  if (await exists(at)) return;
  await symlink(target, at);
}

/** Builds ask git for the commit they are built from; the repository itself is not copied for that. */
async function pointToRepository(boundary: string, tree: string): Promise<void> {
  const repository = join(boundary, '.git');
  const isFolder = (await exists(repository)) && (await stat(repository)).isDirectory();
  await rm(join(tree, '.git'), { force: true });
  if (isFolder) await writeFile(join(tree, '.git'), `gitdir: ${repository}\n`);
}

/** Big folders that many working copies show: one copy of each for all of them. */
class SharedFolders {
  readonly #context: IsolationContext;
  readonly #sources: Sources;
  readonly #made = new Map<string, Promise<string>>();

  constructor(context: IsolationContext, sources: Sources) {
    this.#context = context;
    this.#sources = sources;
  }

  folder(path: string): Promise<string> {
    const made = this.#made.get(path) ?? this.#make(path);
    this.#made.set(path, made);
    return made;
  }

  async #make(path: string): Promise<string> {
    const tree = join(this.#context.work, 'shared');
    await mkdir(join(tree, path), { recursive: true });
    const files = await this.#sources.files([path]);
    await syncFiles({
      from: this.#context.ground.boundary,
      to: tree,
      within: path,
      files,
      keep: () => false,
    });
    return join(tree, path);
  }
}
