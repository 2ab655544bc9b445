import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  createReadStream,
  fchmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Digest, Entry } from '../entry.ts';
import type { LocalStore } from './store.ts';

/** Larger files are copied, by reflink where that is possible, and checked as they lie there (bytes). */
const LARGE = 8 * 1024 * 1024;
/** Milliseconds of synchronous work after which timers and signals get their turn. */
const SLICE = 15;

export type Restored =
  | { readonly ok: true; readonly size: number }
  /** Content that is not there, or is not what its name says; the latter has been removed from the store. */
  | { readonly ok: false; readonly path: string; readonly problem: string; readonly isDamaged: boolean };

/**
 * Writes a result's tree to a folder that does not exist yet. Each file's content is checked while it is written. Files are
 * created new below folders created new, and links come last, so that nothing can be written through one. The entry has
 * passed `decodeEntry`.
 */
export async function restoreTree(
  store: LocalStore,
  entry: Pick<Entry, 'files' | 'links'>,
  to: string,
): Promise<Restored> {
  mkdirSync(dirname(to), { recursive: true });
  // Usual; then nothing has to be put right afterwards.
  const asAsked = (process.umask() & 0o755) === 0;
  const contents = new Contents(store);
  const folders = new Set<string>();
  const folder = (path: string) => {
    if (folders.has(path)) return;
    if (path !== to) folder(dirname(path));
    mkdirSync(path, 0o755);
    if (!asAsked) chmodSync(path, 0o755);
    folders.add(path);
  };
  folder(to);
  let since = performance.now();
  let size = 0;
  for (const { path, digest, executable } of entry.files) {
    if (performance.now() - since > SLICE) {
      await setImmediate();
      since = performance.now();
    }
    const target = join(to, path);
    folder(dirname(target));
    const outcome = await restoreFile(contents, digest, target, executable ? 0o755 : 0o644, asAsked);
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
  for (const { path, target } of entry.links) {
    folder(dirname(join(to, path)));
    symlinkSync(target, join(to, path));
  }
  return { ok: true, size };
}

type Outcome = 'restored' | 'missing' | 'damaged';

async function restoreFile(
  contents: Contents,
  digest: Digest,
  target: string,
  mode: number,
  asAsked: boolean,
): Promise<Outcome> {
  if (digest.size > LARGE) return restoreLarge(contents.pathOf(digest), digest, target, mode);
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

async function restoreLarge(blob: string, digest: Digest, target: string, mode: number): Promise<Outcome> {
  try {
    copyFileSync(blob, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
  chmodSync(target, mode);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(target, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Buffer);
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
