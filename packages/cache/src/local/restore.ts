import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fchmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Digest, Entry } from '../entry.ts';
import { isInterference } from './folder-handle.ts';
import { NewTree } from './new-tree.ts';
import type { LocalStore } from './store.ts';

/** Larger files are copied, by reflink where that is possible, and checked as they lie there (bytes). */
const LARGE = 8 * 1024 * 1024;
/** How much of a large file is read at a time (bytes). */
const CHUNK = 1024 * 1024;
/** Milliseconds of synchronous work after which timers and signals get their turn. */
const SLICE = 15;

export type Restored =
  | { readonly ok: true; readonly size: number }
  | {
      readonly ok: false;
      readonly path: string;
      readonly problem: string;
      /**
       * Its content is not there; or is not what its name says, and has been removed from the store; or somebody else is at
       * work in the folder.
       */
      readonly why: 'missing' | 'damaged' | 'disturbed';
    };

type Content = Pick<Entry, 'files' | 'links'>;

/** `restoreTreeNow` for programs that have to stay responsive. */
export async function restoreTree(store: LocalStore, content: Content, to: string): Promise<Restored> {
  const steps = restoring(store, content, to);
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
 * created new below folders created new, each reached through the one above it, and links come last, so that nothing can
 * be written through a link, be it of the entry or put there by somebody meanwhile. The entry has passed `decodeEntry`.
 */
export function restoreTreeNow(store: LocalStore, content: Content, to: string): Restored {
  const steps = restoring(store, content, to);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function* restoring(store: LocalStore, { files, links }: Content, to: string): Generator<void, Restored> {
  mkdirSync(dirname(to), { recursive: true });
  let tree: NewTree | undefined;
  let path = '.';
  try {
    tree = new NewTree(to);
    const contents = new Contents(store);
    let size = 0;
    for (const file of files) {
      yield;
      path = file.path;
      const outcome = yield* restoreFile(contents, file, tree);
      if (outcome !== 'restored') {
        tree.remove();
        return notRestored(store, file, outcome);
      }
      size += file.digest.size;
    }
    for (const link of links) {
      path = link.path;
      symlinkSync(link.target, tree.place(path));
    }
    return { ok: true, size };
  } catch (error) {
    if (!isInterference(error)) throw error;
    removeIfPossible(tree);
    const problem = `somebody else changes the folder that ${JSON.stringify(path)} is written to`;
    return { ok: false, path, problem, why: 'disturbed' };
  } finally {
    tree?.close();
  }
}

function notRestored(
  store: LocalStore,
  { path, digest }: Entry['files'][number],
  why: 'missing' | 'damaged',
): Restored {
  if (why === 'missing') return { ok: false, path, problem: 'some of its content is missing', why };
  store.forget(digest);
  return { ok: false, path, problem: `the content of ${JSON.stringify(path)} is not what it was`, why };
}

function removeIfPossible(tree: NewTree | undefined): void {
  try {
    tree?.remove();
  } catch (error) {
    // What is left is in svc's own folder, which the next build empties.
    if (!isInterference(error)) throw error;
  }
}

type Outcome = 'restored' | 'missing' | 'damaged';

function* restoreFile(
  contents: Contents,
  { path, digest, executable }: Entry['files'][number],
  tree: NewTree,
): Generator<void, Outcome> {
  const mode = executable ? 0o755 : 0o644;
  if (digest.size > LARGE)
    return yield* restoreLarge(contents.pathOf(digest), digest, tree.place(path), mode);
  const content = contents.of(digest);
  if (typeof content === 'string') return content;
  const descriptor = openSync(tree.place(path), 'wx', mode);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(descriptor, content, at);
    // Whatever the umask.
    if (!tree.asAsked) fchmodSync(descriptor, mode);
  } finally {
    closeSync(descriptor);
  }
  return 'restored';
}

function* restoreLarge(blob: string, digest: Digest, target: string, mode: number): Generator<void, Outcome> {
  try {
    copyFileSync(blob, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync(blob)) return 'missing';
    throw error;
  }
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK);
  const descriptor = openSync(target, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    fchmodSync(descriptor, mode);
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
