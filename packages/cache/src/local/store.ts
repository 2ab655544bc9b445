import { createHash, hash, randomBytes } from 'node:crypto';
import {
  constants,
  copyFileSync,
  type Dirent,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AcceptBlob, type BlobSource, type CacheBackend, NO_TRAFFIC } from '../backend.ts';
import type { Digest } from '../entry.ts';

/** Raise it when the layout changes: another version's folder is then left alone. */
const LAYOUT = 'v1';

/**
 * Results on this machine's disk, in a folder that all of the user's projects share:
 *
 *     v1/blobs/ab/abcd…     content by its sha256
 *     v1/entries/12/1234…   entries by slot; the file's time is that of its last use
 *     v1/tmp/               what is being written
 *
 * Whatever is written is written aside and moved in whole, so processes may come and go at any moment. Nothing waits for
 * the disk (no fsync): after a power cut a file may hold anything, and is found out when it is read, since everything is
 * checked against its digest then. Content is copied in and out, by reflink where the file system can, and never shared by
 * hard links: what a user does to a deployment must not reach the cache.
 */
export class LocalStore implements CacheBackend {
  readonly name = 'local';
  readonly traffic = NO_TRAFFIC;
  readonly folder: string;

  /** Folders that are known to be there, since asking for each file takes longer than writing a small one. */
  readonly #made = new Set<string>();

  constructor(folder: string) {
    this.folder = join(folder, LAYOUT);
  }

  async find(slots: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    for (const slot of slots) {
      const path = this.entryPath(slot);
      const bytes = readIfThere(path);
      if (!bytes) continue;
      found.set(slot, bytes);
      touch(path);
    }
    return found;
  }

  async fetch(_slot: string, digests: readonly Digest[], accept: AcceptBlob): Promise<void> {
    for (const digest of digests) {
      const content = readIfThere(this.blobPath(digest.hash));
      if (content) await accept(digest, [content]);
    }
  }

  async store(slot: string, entry: Uint8Array, blobs: readonly BlobSource[]): Promise<'stored' | 'exists'> {
    const path = this.entryPath(slot);
    if (lstatSync(path, { throwIfNoEntry: false })) return 'exists';
    for (const blob of blobs) this.#keep(blob);
    const aside = this.aside();
    writeFileSync(aside, entry, { mode: 0o600 });
    try {
      this.#make(dirname(path));
      linkSync(aside, path);
      return 'stored';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return 'exists';
    } finally {
      rmSync(aside, { force: true });
    }
  }

  /** Whether content of that name and size is there; its bytes are checked when it is used. */
  has({ hash, size }: Digest): boolean {
    return lstatSync(this.blobPath(hash), { throwIfNoEntry: false })?.size === size;
  }

  /** Content of a moderate size, checked; undefined where it is missing or damaged. */
  read(digest: Digest): Buffer | undefined {
    const content = readIfThere(this.blobPath(digest.hash));
    if (content?.length !== digest.size) return undefined;
    return hash('sha256', content, 'hex') === digest.hash ? content : undefined;
  }

  /** Takes content from elsewhere; false, and nothing kept, when it is not what its digest says. */
  readonly accept: AcceptBlob = async (digest, chunks) => {
    if (this.has(digest)) return true;
    const aside = this.aside();
    try {
      const fits = await writeChecked(aside, digest, chunks);
      if (fits) this.#moveIn(aside, digest);
      return fits;
    } finally {
      // Moved in by now, unless it does not fit or has broken off.
      rmSync(aside, { force: true });
    }
  };

  /** Forgets content that turned out to be damaged, so that the next one to store it can. */
  forget(digest: Digest): void {
    rmSync(this.blobPath(digest.hash), { force: true });
  }

  forgetEntry(slot: string): void {
    rmSync(this.entryPath(slot), { force: true });
  }

  blobPath(hash: string): string {
    return join(this.folder, 'blobs', hash.slice(0, 2), hash);
  }

  entryPath(slot: string): string {
    return join(this.folder, 'entries', slot.slice(0, 2), slot);
  }

  /** A new name in `tmp`, on the same file system as everything else here. */
  aside(): string {
    const folder = join(this.folder, 'tmp');
    this.#make(folder);
    return join(folder, `${process.pid}-${randomBytes(6).toString('hex')}`);
  }

  async close(): Promise<void> {}

  #keep(blob: BlobSource): void {
    const { digest } = blob;
    const path = this.blobPath(digest.hash);
    if (this.has(digest)) {
      // Used again: pruning must not take it away just now.
      touch(path);
      return;
    }
    const aside = this.aside();
    try {
      if ('path' in blob) copyFileSync(blob.path, aside, constants.COPYFILE_FICLONE);
      else writeFileSync(aside, blob.content);
      this.#moveIn(aside, digest);
    } catch (error) {
      rmSync(aside, { force: true });
      throw error;
    }
  }

  #make(folder: string): void {
    if (this.#made.has(folder)) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#made.add(folder);
  }

  #moveIn(aside: string, digest: Digest): void {
    const path = this.blobPath(digest.hash);
    this.#make(dirname(path));
    renameSync(aside, path);
  }
}

async function writeChecked(
  path: string,
  digest: Digest,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<boolean> {
  const hash = createHash('sha256');
  let size = 0;
  // A millisecond that a build which only reads the store need not spend.
  const { open } = await import('node:fs/promises');
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx', 0o600);
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > digest.size) return false;
      hash.update(chunk);
      await file.write(chunk);
    }
    return size === digest.size && hash.digest('hex') === digest.hash;
  } finally {
    await file?.close();
  }
}

export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // A cache that may only be read, or one being pruned: its order of use is then a little wrong.
  }
}

export function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
