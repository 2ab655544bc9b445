import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { AcceptBlob, BlobSource } from '../backend.ts';
import { type Digest, LARGEST_ENTRY, readableEntry } from '../entry.ts';

/**
 * A result as one body, for places that store one thing a key: compressed by gzip, a magic line, the entry's length as four
 * bytes, the entry, then each distinct content in the order in which the entry names it.
 */
const MAGIC = Buffer.from('svc artifact 1\n');
const HEAD = MAGIC.length + 4;

/** A body that grows by more than this while it is unpacked was made to do so. */
const MOST_EXPANSION = 100;
/** Bytes that may be unpacked whatever the size of the body. */
const FREE_EXPANSION = 16 * 1024 * 1024;

export async function writeArtifact(
  file: string,
  entry: Uint8Array,
  blobs: readonly BlobSource[],
  signal: AbortSignal,
): Promise<void> {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(entry.length);
  const sources = new Map(blobs.map(blob => [blob.digest.hash, blob]));
  async function* parts() {
    yield Buffer.concat([MAGIC, length, entry]);
    for (const { hash } of contentOf(entry)) {
      const source = sources.get(hash);
      if (!source) throw new Error('the entry names content that was not given');
      if ('content' in source) yield source.content;
      else yield* createReadStream(source.path);
    }
  }
  await pipeline(
    Readable.from(parts(), { objectMode: false }),
    createGzip({ level: 1 }),
    createWriteStream(file, { mode: 0o600 }),
    { signal },
  );
}

/** The entry at the beginning of a body. Rejects where there is none, or where the body cannot be unpacked. */
export async function readArtifactEntry(file: string, signal: AbortSignal): Promise<Buffer> {
  const reader = new BodyReader(file, signal);
  try {
    return await readEntry(reader);
  } finally {
    reader.close();
  }
}

/** Hands over the content that is wanted. Rejects when the body ends early. */
export async function readArtifactBlobs(
  file: string,
  wanted: readonly Digest[],
  accept: AcceptBlob,
  signal: AbortSignal,
): Promise<void> {
  const reader = new BodyReader(file, signal);
  const left = new Set(wanted.map(({ hash }) => hash));
  try {
    for (const digest of contentOf(await readEntry(reader))) {
      if (left.size === 0) return;
      if (left.delete(digest.hash)) await accept(digest, reader.chunks(digest.size));
      else for await (const _ of reader.chunks(digest.size));
    }
  } finally {
    reader.close();
  }
}

async function readEntry(reader: BodyReader): Promise<Buffer> {
  const head = await reader.bytes(HEAD);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('what it sent is no result of svc');
  const length = head.readUInt32LE(MAGIC.length);
  if (length > LARGEST_ENTRY) throw new Error('what it sent is too large');
  return reader.bytes(length);
}

/** Not trusted: whatever the entry says, content is taken only where its digest fits. */
function contentOf(entry: Uint8Array): Digest[] {
  const files = readableEntry(entry)?.files ?? [];
  return [...new Map(files.map(({ digest }) => [digest.hash, digest])).values()];
}

class BodyReader {
  readonly #stream: Readable;
  readonly #iterator: AsyncIterator<Buffer>;
  readonly #most: number;
  #rest: Buffer = Buffer.alloc(0);
  #unpacked = 0;

  constructor(
    file: string,
    private readonly signal: AbortSignal,
  ) {
    this.#most = FREE_EXPANSION + MOST_EXPANSION * statSync(file).size;
    const source = createReadStream(file);
    this.#stream = source.pipe(createGunzip());
    source.on('error', error => this.#stream.destroy(error));
    this.#iterator = this.#stream[Symbol.asyncIterator]();
  }

  async bytes(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const chunk of this.chunks(length)) parts.push(chunk);
    return Buffer.concat(parts);
  }

  async *chunks(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0) await this.#more();
      const chunk = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(chunk.length);
      left -= chunk.length;
      yield chunk;
    }
  }

  async #more(): Promise<void> {
    // Nobody waits for it any more.
    this.signal.throwIfAborted();
    const { value, done } = await this.#iterator.next();
    if (done || value === undefined) throw new Error('what it sent is cut off');
    this.#unpacked += value.length;
    if (this.#unpacked > this.#most) throw new Error('what it sent grows beyond all measure when unpacked');
    this.#rest = value;
  }

  close(): void {
    this.#stream.destroy();
  }
}
