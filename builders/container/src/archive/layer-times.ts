import { Transform, type TransformCallback } from 'node:stream';

const BLOCK = 512;

/**
 * Sets every entry's time in a tar stream to at most `seconds`. Everything else stays as it is, byte by byte: tar
 * libraries decode what they read, and a file's capabilities (`SCHILY.xattr.security.capability`) are no text.
 *
 * @param seconds since 1970.
 */
export class LimitTimes extends Transform {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of content, padding included, that pass through unchanged. */
  #passing = 0;
  /** A PAX header whose content is still to come. */
  #extended: { readonly header: Buffer; readonly size: number } | null = null;
  /** The size of the next entry where a PAX header tells it. */
  #nextSize: number | null = null;

  constructor(private readonly seconds: number) {
    super();
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#step());
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#rest.length > 0) this.push(this.#rest);
    done(this.#passing > 0 || this.#extended ? new Error('a layer ends in the middle of a file') : null);
  }

  /** Handles what has arrived; false when more is needed. */
  #step(): boolean {
    if (this.#passing > 0) {
      const part = this.#rest.subarray(0, this.#passing);
      if (part.length === 0) return false;
      this.#rest = this.#rest.subarray(part.length);
      this.#passing -= part.length;
      this.push(part);
      return true;
    }
    if (this.#extended) return this.#extendedContent(this.#extended);
    if (this.#rest.length < BLOCK) return false;
    const header = Buffer.from(this.#rest.subarray(0, BLOCK));
    this.#rest = this.#rest.subarray(BLOCK);
    this.#header(header);
    return true;
  }

  #header(header: Buffer): void {
    if (header.every(byte => byte === 0)) {
      this.push(header);
      return;
    }
    const kind = String.fromCharCode(header[156] ?? 0);
    const size = numberIn(header, 124, 12);
    if (kind === 'x') {
      this.#extended = { header, size };
      return;
    }
    limit(header, this.seconds);
    this.push(header);
    this.#passing = padded(this.#nextSize ?? size);
    // The names that GNU tar writes before an entry belong to it, as its PAX header does.
    if (kind !== 'L' && kind !== 'K') this.#nextSize = null;
  }

  #extendedContent({ header, size }: { readonly header: Buffer; readonly size: number }): boolean {
    if (this.#rest.length < padded(size)) return false;
    const records = recordsIn(this.#rest.subarray(0, size));
    this.#rest = this.#rest.subarray(padded(size));
    this.#extended = null;
    const told = records.find(({ key }) => key === 'size');
    if (told) this.#nextSize = Number(told.bytes.toString('latin1').split('=')[1]);
    // Without its fractions a time fits the ordinary header.
    const kept = records.filter(({ key }) => !['mtime', 'atime', 'ctime'].includes(key));
    if (kept.length === 0) return true;
    const content = Buffer.concat(kept.map(({ bytes }) => bytes));
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1');
    limit(header, this.seconds);
    this.push(header);
    this.push(Buffer.concat([content, Buffer.alloc(padded(content.length) - content.length)]));
    return true;
  }
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** A number field: octal digits, or for large ones the bytes themselves, marked by the highest bit. */
function numberIn(header: Buffer, at: number, length: number): number {
  const field = header.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) === 0)
    return Number.parseInt(
      field
        .toString('latin1')
        .replace(/[\0 ]+$/, '')
        .trim() || '0',
      8,
    );
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
}

function limit(header: Buffer, seconds: number): void {
  const time = numberIn(header, 136, 12);
  if (time > seconds) header.write(`${seconds.toString(8).padStart(11, '0')}\0`, 136, 12, 'latin1');
  header.write('        ', 148, 8, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
}

/** The records of a PAX header: `<length> <key>=<value>\n`, the length counting all of it in bytes. */
function recordsIn(content: Buffer): { readonly key: string; readonly bytes: Buffer }[] {
  const records: { key: string; bytes: Buffer }[] = [];
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = Number(content.subarray(at, blank).toString('latin1'));
    const equals = content.indexOf(0x3d, blank);
    if (blank === -1 || equals === -1 || !(length > 0)) throw new Error('a layer has a broken PAX header');
    records.push({
      key: content.subarray(blank + 1, equals).toString('latin1'),
      bytes: content.subarray(at, at + length),
    });
    at += length;
  }
  return records;
}
