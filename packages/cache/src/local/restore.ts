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
  | { readonly ok: false; readonly problem: string; readonly isDamaged: boolean };

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
  const missing = entry.files.find(({ digest }) => !store.has(digest));
  if (missing) return { ok: false, problem: 'some of its content is missing', isDamaged: false };
  mkdirSync(dirname(to), { recursive: true });
  const folders = new Set<string>();
  const folder = (path: string) => {
    if (folders.has(path)) return;
    if (path !== to) folder(dirname(path));
    mkdirSync(path);
    chmodSync(path, 0o755);
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
    if (!(await restoreFile(store, digest, target, executable ? 0o755 : 0o644))) {
      store.forget(digest);
      rmSync(to, { recursive: true, force: true });
      return {
        ok: false,
        problem: `the content of ${JSON.stringify(path)} is not what it was`,
        isDamaged: true,
      };
    }
    size += digest.size;
  }
  for (const { path, target } of entry.links) {
    folder(dirname(join(to, path)));
    symlinkSync(target, join(to, path));
  }
  return { ok: true, size };
}

async function restoreFile(
  store: LocalStore,
  digest: Digest,
  target: string,
  mode: number,
): Promise<boolean> {
  const blob = store.blobPath(digest.hash);
  if (digest.size > LARGE) {
    copyFileSync(blob, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    chmodSync(target, mode);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(target, { highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
    return hash.digest('hex') === digest.hash;
  }
  const content = readBlob(blob);
  if (!content || content.length !== digest.size) return false;
  if (createHash('sha256').update(content).digest('hex') !== digest.hash) return false;
  const descriptor = openSync(target, 'wx', mode);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(descriptor, content, at);
    // Whatever the umask.
    fchmodSync(descriptor, mode);
  } finally {
    closeSync(descriptor);
  }
  return true;
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
