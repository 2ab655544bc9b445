import { createReadStream } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { Readable } from 'node:stream';

/**
 * A source as builders expect it: what `@vercel/build-utils` calls `FileFsRef`. Builders bring copies of that class of their
 * own and recognise ours by its `type`, as they do with one another's.
 */
export class FileOnDisk {
  readonly type = 'FileFsRef';
  readonly mode: number;
  readonly fsPath: string;

  constructor(fsPath: string, mode: number) {
    this.fsPath = fsPath;
    this.mode = mode;
  }

  async toStreamAsync(): Promise<NodeJS.ReadableStream> {
    return this.toStream();
  }

  toStream(): NodeJS.ReadableStream {
    const isLink = (this.mode & 0o170000) === 0o120000;
    return isLink ? Readable.from(linkTarget(this.fsPath)) : createReadStream(this.fsPath);
  }
}

async function* linkTarget(path: string): AsyncGenerator<Buffer> {
  yield Buffer.from(await readlink(path));
}
