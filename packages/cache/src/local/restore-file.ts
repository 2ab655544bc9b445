import { createHash, hash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import type { Digest, Entry } from '../entry.ts';
import { type StatTable, writeStat } from '../stats.ts';
import { type LocalStore, readIfThere } from './store.ts';

/** Larger files are copied, by reflink where that is possible, and checked as they lie there (bytes). */
const LARGE = 8 * 1024 * 1024;
/** How much of a large file is read at a time (bytes). */
const CHUNK = 1024 * 1024;

/** What has become of a file: `missing` and `damaged` speak of its content in the store. */
export type Outcome = 'restored' | 'missing' | 'damaged';

type File = Entry['files'][number];

/** Files that take long are written by `restoreLarge`, the others by `restoreSmall`. */
export function isLarge({ digest }: File): boolean {
  return digest.size > LARGE;
}

/**
 * Writes one file of a tree, checking its content.
 *
 * @param place a path at which nothing lies yet, in a folder that is held open.
 * @param asAsked whether files get the mode that they are made with, whatever the umask.
 * @param stats where to note the file's status as it was left, at `at`.
 */
export function restoreSmall(
  contents: Contents,
  { digest, executable }: File,
  place: string,
  asAsked: boolean,
  stats?: StatTable,
  at = 0,
): Outcome {
  const mode = modeOf(executable);
  const content = contents.of(digest);
  if (typeof content === 'string') return content;
  const descriptor = openSync(place, 'wx', mode);
  try {
    for (let done = 0; done < content.length; ) done += writeSync(descriptor, content, done);
    if (!asAsked) fchmodSync(descriptor, mode);
    if (stats) writeStat(stats, at, fstatSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
  return 'restored';
}

function modeOf(executable: boolean | undefined): number {
  return executable ? 0o755 : 0o644;
}

/** The same for a large file. Pauses (`yield`) every now and then. */
export function* restoreLarge(
  contents: Contents,
  { digest, executable }: File,
  place: string,
  stats?: StatTable,
  at = 0,
): Generator<void, Outcome> {
  const blob = contents.pathOf(digest);
  try {
    copyFileSync(blob, place, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync(blob)) return 'missing';
    throw error;
  }
  const sum = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK);
  const descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    fchmodSync(descriptor, modeOf(executable));
    for (;;) {
      yield;
      const read = readSync(descriptor, chunk, 0, CHUNK, null);
      if (read === 0) break;
      sum.update(chunk.subarray(0, read));
    }
    if (stats) writeStat(stats, at, fstatSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
  return sum.digest('hex') === digest.hash ? 'restored' : 'damaged';
}

/** Small contents that are remembered once they are checked: services often hold the same ones (bytes). */
const REMEMBERED = 64 * 1024;
const MOST_REMEMBERED = 16 * 1024 * 1024;

/** The contents of a store, checked. */
export class Contents {
  readonly #known = new Map<string, Buffer>();
  #size = 0;

  constructor(private readonly store: Pick<LocalStore, 'blobPath'>) {}

  pathOf({ hash }: Digest): string {
    return this.store.blobPath(hash);
  }

  /** Content whose digest was checked, or why there is none. */
  of(digest: Digest): Buffer | Exclude<Outcome, 'restored'> {
    const known = this.#known.get(digest.hash);
    if (known?.length === digest.size) return known;
    // It may have been pruned by another process since it was looked for.
    const content = readIfThere(this.pathOf(digest));
    if (!content) return 'missing';
    if (content.length !== digest.size) return 'damaged';
    if (hash('sha256', content, 'hex') !== digest.hash) return 'damaged';
    if (content.length <= REMEMBERED && this.#size < MOST_REMEMBERED) {
      this.#known.set(digest.hash, content);
      this.#size += content.length;
    }
    return content;
  }
}
