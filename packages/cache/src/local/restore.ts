import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Digest, Entry } from '../entry.ts';
import type { LocalStore } from './store.ts';

/** Larger files are copied, by reflink where that is possible, and checked as they lie there (bytes). */
const LARGE = 8 * 1024 * 1024;
/** How much of a large file is read at a time (bytes). */
const CHUNK = 1024 * 1024;
/** Milliseconds of synchronous work after which timers and signals get their turn. */
const SLICE = 15;

export type Restored =
  | { readonly ok: true; readonly size: number }
  /** Content that is not there, or is not what its name says; the latter has been removed from the store. */
  | { readonly ok: false; readonly path: string; readonly problem: string; readonly isDamaged: boolean };

type Tree = Pick<Entry, 'files' | 'links'>;

/** `restoreTreeNow` for programs that have to stay responsive. */
export async function restoreTree(store: LocalStore, tree: Tree, to: string): Promise<Restored> {
  const steps = restoring(store, tree, to);
  for (let since = performance.now(); ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since <= SLICE) continue;
    await setImmediate();
    since = performance.now();
  }
}

/**
 * Writes a result's tree to a folder that does not exist yet. Each file's content is checked while it is written. Files are
 * created new below folders created new, and links come last, so that nothing can be written through one. The entry has
 * passed `decodeEntry`.
 */
export function restoreTreeNow(store: LocalStore, tree: Tree, to: string): Restored {
  const steps = restoring(store, tree, to);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function* restoring(store: LocalStore, tree: Tree, to: string): Generator<void, Restored> {
  mkdirSync(dirname(to), { recursive: true });
  const folders = new NewFolders(to);
  const contents = new Contents(store);
  let size = 0;
  for (const { path, digest, executable } of tree.files) {
    yield;
    folders.makeFor(path);
    const target = `${to}/${path}`;
    const mode = executable ? 0o755 : 0o644;
    const outcome =
      digest.size > LARGE
        ? yield* restoreLarge(contents.pathOf(digest), digest, target, mode)
        : restoreSmall(contents, digest, target, mode, folders.asAsked);
    if (outcome !== 'restored') {
      rmSync(to, { recursive: true, force: true });
      if (outcome === 'missing')
        return { ok: false, path, problem: 'some of its content is missing', isDamaged: false };
      store.forget(digest);
      const problem = `the content of ${JSON.stringify(path)} is not what it was`;
      return { ok: false, path, problem, isDamaged: true };
    }
    size += digest.size;
  }
  for (const { path, target } of tree.links) {
    folders.makeFor(path);
    symlinkSync(target, `${to}/${path}`);
  }
  return { ok: true, size };
}

/** The folders of a new tree, each made when the first thing is put there. */
class NewFolders {
  /** Usual; then nothing has to be put right afterwards. */
  readonly asAsked = (process.umask() & 0o755) === 0;
  readonly #to: string;
  readonly #made = new Set<string>();
  /** Paths are sorted: the next file is mostly in the same folder. */
  #last: string | undefined;

  constructor(to: string) {
    this.#to = to;
    this.#make(to);
  }

  makeFor(path: string): void {
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    if (folder === this.#last) return;
    this.#makeAll(folder);
    this.#last = folder;
  }

  #makeAll(folder: string): void {
    if (folder === '' || this.#made.has(folder)) return;
    this.#makeAll(folder.slice(0, Math.max(folder.lastIndexOf('/'), 0)));
    this.#make(`${this.#to}/${folder}`);
    this.#made.add(folder);
  }

  #make(path: string): void {
    mkdirSync(path, 0o755);
    if (!this.asAsked) chmodSync(path, 0o755);
  }
}

type Outcome = 'restored' | 'missing' | 'damaged';

function restoreSmall(
  contents: Contents,
  digest: Digest,
  target: string,
  mode: number,
  asAsked: boolean,
): Outcome {
  const content = contents.of(digest);
  if (typeof content === 'string') return content;
  const descriptor = openSync(target, 'wx', mode);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(descriptor, content, at);
    // Whatever the umask.
    if (!asAsked) fchmodSync(descriptor, mode);
  } finally {
    closeSync(descriptor);
  }
  return 'restored';
}

function* restoreLarge(blob: string, digest: Digest, target: string, mode: number): Generator<void, Outcome> {
  try {
    copyFileSync(blob, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
  chmodSync(target, mode);
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK);
  const descriptor = openSync(target, 'r');
  try {
    for (;;) {
      yield;
      const read = readSync(descriptor, chunk, 0, CHUNK, null);
      if (read === 0) break;
      hash.update(chunk.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex') === digest.hash ? 'restored' : 'damaged';
}

/** Small contents that are remembered once they are checked: services often hold the same ones (bytes). */
const REMEMBERED = 64 * 1024;
const MOST_REMEMBERED = 16 * 1024 * 1024;

class Contents {
  readonly #known = new Map<string, Buffer>();
  #size = 0;

  constructor(private readonly store: LocalStore) {}

  pathOf({ hash }: Digest): string {
    return this.store.blobPath(hash);
  }

  /** Content whose digest was checked, or why there is none. */
  of(digest: Digest): Buffer | Exclude<Outcome, 'restored'> {
    const known = this.#known.get(digest.hash);
    if (known?.length === digest.size) return known;
    const content = readBlob(this.pathOf(digest));
    if (!content) return 'missing';
    if (content.length !== digest.size) return 'damaged';
    if (createHash('sha256').update(content).digest('hex') !== digest.hash) return 'damaged';
    if (content.length <= REMEMBERED && this.#size < MOST_REMEMBERED) {
      this.#known.set(digest.hash, content);
      this.#size += content.length;
    }
    return content;
  }
}

function readBlob(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    // Pruned by another process since it was looked for.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
