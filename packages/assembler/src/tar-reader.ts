import { nameProblem } from '@svc/contracts';
import { Header } from 'tar/header';
import { ByteReader } from './byte-reader.ts';
import { refuse, shown } from './refusal.ts';
import { BLOCK, END } from './tar-format.ts';

/** Two names of the longest kind and their keys. */
const LARGEST_EXTENSION = 64 * 1024;

/** One file or link of an archive. `header` holds its header blocks as they were. */
export interface Member {
  readonly path: string;
  readonly kind: 'file' | 'link';
  readonly size: number;
  /** Of links. */
  readonly target: string;
  readonly mode: number;
  readonly mtime: Date;
  readonly header: Buffer;
}

/**
 * Reads a tar stream entry by entry, and only what `svc pack` writes: files and symbolic links with safe names. Anything
 * else is refused with its name as soon as its header has been read. Holds one block and one chunk in memory.
 */
export class TarReader {
  readonly #source: ByteReader;
  #last = 'the beginning';
  #body = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#source = new ByteReader(chunks);
  }

  /** The next member, or undefined at the end, after which nothing may follow. */
  async next(): Promise<Member | undefined> {
    if (this.#body !== 0) throw new Error('the body of the last member was not read');
    const block = await this.#block();
    if (isZero(block)) return this.#end();
    const header = this.#decode(block);
    const member =
      header.typeKey === 'x' ? await this.#extended(block, header) : this.#member(header, block, {});
    this.#last = shown(member.path);
    this.#body = member.size;
    return member;
  }

  /** The content of the last member, then past its padding. */
  async *body(): AsyncGenerator<Buffer> {
    const size = this.#body;
    while (this.#body > 0) {
      const chunk = await this.#source.some(this.#body);
      if (!chunk) return this.#truncated();
      this.#body -= chunk.length;
      yield chunk;
    }
    const rest = (BLOCK - (size % BLOCK)) % BLOCK;
    const pad = await this.#source.exactly(rest);
    if (!pad) return this.#truncated();
    if (!isZero(pad)) refuse('archive-invalid', `the archive is damaged after ${this.#last}`);
  }

  #truncated(): never {
    refuse('archive-invalid', `the archive is cut off: it ends within or after ${this.#last}`);
  }

  async #block(): Promise<Buffer> {
    return (await this.#source.exactly(BLOCK)) ?? this.#truncated();
  }

  async #end(): Promise<undefined> {
    const second = await this.#block();
    if (!isZero(second)) refuse('archive-invalid', `the archive is damaged after ${this.#last}`);
    if (await this.#source.some(1)) refuse('archive-invalid', 'the archive goes on after its end');
    return undefined;
  }

  #decode(block: Buffer): Header {
    const header = new Header(block);
    if (!header.cksumValid)
      refuse('archive-invalid', `the archive is damaged: a bad header follows ${this.#last}`);
    if (((block[124] ?? 0) & 0x80) !== 0 || header.size === undefined) {
      refuse(
        'archive-hostile',
        `${shown(header.path ?? '')} is refused: it has a size that is not a plain number`,
      );
    }
    return header;
  }

  /** An extended header may only say what a plain one has no room for: the names of the entry behind it. */
  async #extended(first: Buffer, header: Header): Promise<Member> {
    const size = header.size ?? 0;
    if (size > LARGEST_EXTENSION) {
      refuse('archive-hostile', `an extended header after ${this.#last} is refused: it holds ${size} bytes`);
    }
    const content = (await this.#source.exactly(size)) ?? this.#truncated();
    const pad = (await this.#source.exactly((BLOCK - (size % BLOCK)) % BLOCK)) ?? this.#truncated();
    const block = await this.#block();
    const names = parseRecords(content, this.#last);
    return this.#member(this.#decode(block), Buffer.concat([first, content, pad, block]), names);
  }

  #member(header: Header, blocks: Buffer, names: { path?: string; linkpath?: string }): Member {
    const path = names.path ?? header.path ?? '';
    const kind = kindOf(header.typeKey);
    const problem = kind === undefined ? typeProblem(header.typeKey) : nameProblem(path);
    if (problem) refuse('archive-hostile', `${shown(path)} is refused: ${problem}`);
    const mode = header.mode ?? 0;
    if ((mode & 0o7000) !== 0) {
      refuse(
        'archive-hostile',
        `${shown(path)} is refused: it has set-id or sticky bits (mode ${mode.toString(8)})`,
      );
    }
    if (kind === 'link' && header.size !== 0) {
      refuse('archive-hostile', `${shown(path)} is refused: it is a link with a content`);
    }
    return {
      path,
      kind: kind ?? 'file',
      size: header.size ?? 0,
      target: names.linkpath ?? header.linkpath ?? '',
      mode,
      mtime: header.mtime ?? new Date(0),
      header: blocks,
    };
  }
}

function kindOf(type: string): 'file' | 'link' | undefined {
  if (type === '0') return 'file';
  return type === '2' ? 'link' : undefined;
}

function typeProblem(type: string): string {
  switch (type) {
    case '1':
      return 'it is a hard link';
    case '3':
    case '4':
      return 'it is a device';
    case '5':
      return 'it is an entry for a folder; svc pack writes files and links only';
    case '6':
      return 'it is a pipe';
    case 'g':
      return 'it is a header for the whole rest of the archive';
    case 'x':
      return 'it is an extended header behind another one';
    case 'K':
    case 'L':
    case 'N':
      return 'it is a long name in the manner of GNU tar, behind which names can be hidden';
    case 'S':
      return 'it is a sparse file, which can be larger than it says';
    default:
      return `it is of a type that svc pack does not write (${type === '' ? 'none' : shown(type)})`;
  }
}

/** `length key=value LF`, where length counts the whole record in bytes. Stricter than common readers, which skip what they cannot read. */
function parseRecords(content: Buffer, after: string): { path?: string; linkpath?: string } {
  const names: { path?: string; linkpath?: string } = {};
  for (let offset = 0; offset < content.length; ) {
    const space = content.indexOf(0x20, offset);
    const length = Number(
      /^[1-9]\d{0,5}$/.exec(content.toString('latin1', offset, space < 0 ? offset : space))?.[0],
    );
    const record = content.subarray(offset, offset + length);
    const equals = record.indexOf(0x3d);
    if (!(length > 0) || record.length !== length || record.at(-1) !== 0x0a || equals < 0) {
      refuse('archive-hostile', `an extended header after ${after} is refused: it is malformed`);
    }
    const key = record.toString('utf8', space + 1 - offset, equals);
    if ((key !== 'path' && key !== 'linkpath') || names[key] !== undefined) {
      refuse('archive-hostile', `an extended header after ${after} is refused: it sets ${shown(key)}`);
    }
    names[key] = record.toString('utf8', equals + 1, length - 1);
    offset += length;
  }
  return names;
}

function isZero(bytes: Buffer): boolean {
  return bytes.equals(bytes.length === BLOCK ? END.subarray(0, BLOCK) : Buffer.alloc(bytes.length));
}
