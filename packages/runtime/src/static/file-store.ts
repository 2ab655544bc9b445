import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** A file as it is served. */
export interface StoredFile {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Strong: made of the content, so that the same file has the same one on every machine. */
  readonly etag: string;
  /** The content, when it is small enough to be kept. */
  readonly content: Buffer | null;
}

const LARGEST_KEPT = 256 * 1024;
const MOST_KEPT = 64 * 1024 * 1024;

/**
 * Knows the files that were asked for: a deployment does not change while it runs, so each is read once. The content of
 * small ones is kept in memory, those that were asked for last.
 */
export class FileStore {
  private readonly files = new Map<string, Promise<StoredFile>>();
  /** Those that have been read. */
  private readonly known = new Map<string, StoredFile>();
  private readonly kept = new Map<string, number>();
  private bytes = 0;

  /** @param file absolute path. @throws when it cannot be read. */
  get(file: string): Promise<StoredFile> {
    const known = this.files.get(file);
    if (known) {
      this.touch(file);
      return known;
    }
    const reading = this.load(file);
    this.files.set(file, reading);
    reading.then(
      stored => {
        if (this.files.get(file) === reading) this.known.set(file, stored);
      },
      // A file that cannot be read now may be there later.
      () => this.files.delete(file),
    );
    return reading;
  }

  /** The same for a file that was asked for before; null when it would have to be read. */
  recall(file: string): StoredFile | null {
    const stored = this.known.get(file);
    if (!stored) return null;
    this.touch(file);
    return stored;
  }

  /** The content of a file that is too large to be kept. */
  read(file: string): Promise<Buffer> {
    return readFile(file);
  }

  private async load(file: string): Promise<StoredFile> {
    const { size } = await stat(file);
    if (size > LARGEST_KEPT) return { file, size, etag: await etagOfFile(file), content: null };
    const content = await readFile(file);
    this.keep(file, content.length);
    return { file, size: content.length, etag: etagOf(createHash('sha256').update(content)), content };
  }

  private keep(file: string, size: number): void {
    this.kept.set(file, size);
    this.bytes += size;
    for (const [oldest, its] of this.kept) {
      if (this.bytes <= MOST_KEPT) return;
      this.kept.delete(oldest);
      this.files.delete(oldest);
      this.known.delete(oldest);
      this.bytes -= its;
    }
  }

  private touch(file: string): void {
    const size = this.kept.get(file);
    if (size === undefined) return;
    this.kept.delete(file);
    this.kept.set(file, size);
  }
}

async function etagOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return etagOf(hash);
}

function etagOf(hash: ReturnType<typeof createHash>): string {
  return `"${hash.digest('base64url').slice(0, 27)}"`;
}
