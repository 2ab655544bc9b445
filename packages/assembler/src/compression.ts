import { spawn } from 'node:child_process';
import { Readable, type Transform, type Writable } from 'node:stream';
import * as zlib from 'node:zlib';
import { Refusal, refuse } from './refusal.ts';

export type ArchiveFormat = 'tgz' | 'tar.zst';

/** Good compression at an acceptable speed; part of the format, since other levels give other bytes. */
const GZIP_LEVEL = 6;
const ZSTD_LEVEL = 10;

/** Something that turns bytes into other bytes: a stream of Node's or a program. */
interface Codec {
  readonly input: Writable;
  readonly output: AsyncIterable<Buffer>;
  /** Settles when no more is to come: rejects with the reason when the codec failed. */
  readonly finished: Promise<void>;
  stop(): void;
}

/** Newer Nodes have zstd built in; the types of the oldest one supported do not know it. */
interface ZstdInNode {
  readonly createZstdCompress?: (options: object) => Transform;
  readonly createZstdDecompress?: () => Transform;
  readonly constants: Readonly<Record<string, number>>;
}

export function compressed(source: AsyncIterable<Buffer>, format: ArchiveFormat): AsyncGenerator<Buffer> {
  return through(source, compressor(format));
}

/** Data that cannot be decompressed is refused as a damaged archive. */
export async function* decompressed(
  source: AsyncIterable<Buffer>,
  format: ArchiveFormat,
): AsyncGenerator<Buffer> {
  try {
    yield* through(source, decompressor(format));
  } catch (error) {
    if (error instanceof CodecError || String((error as NodeJS.ErrnoException).code).startsWith('Z_')) {
      refuse('archive-invalid', `the archive is damaged or cut off: ${(error as Error).message}`);
    }
    throw error;
  }
}

async function* through(source: AsyncIterable<Buffer>, codec: Codec): AsyncGenerator<Buffer> {
  const input = Readable.from(source, { objectMode: false });
  let cause: unknown;
  input.on('error', error => {
    cause = error;
    codec.stop();
  });
  input.pipe(codec.input);
  try {
    yield* codec.output;
    await codec.finished;
  } catch (error) {
    // A stopped stream only says that it was stopped: the reason is elsewhere.
    if (cause !== undefined) throw cause;
    await codec.finished;
    throw error;
  } finally {
    input.destroy();
    codec.stop();
  }
}

function compressor(format: ArchiveFormat): Codec {
  if (format === 'tgz') return streamCodec(zlib.createGzip({ level: GZIP_LEVEL }));
  const { createZstdCompress, constants } = zlib as unknown as ZstdInNode;
  if (!createZstdCompress) return zstdProgram(['--check', '--single-thread', `-${ZSTD_LEVEL}`]);
  const params = {
    [Number(constants.ZSTD_c_compressionLevel)]: ZSTD_LEVEL,
    [Number(constants.ZSTD_c_checksumFlag)]: 1,
  };
  return streamCodec(createZstdCompress({ params }));
}

function decompressor(format: ArchiveFormat): Codec {
  if (format === 'tgz') return streamCodec(zlib.createGunzip());
  const { createZstdDecompress } = zlib as unknown as ZstdInNode;
  return createZstdDecompress ? streamCodec(createZstdDecompress()) : zstdProgram(['-d']);
}

function streamCodec(stream: Transform): Codec {
  return { input: stream, output: stream, finished: Promise.resolve(), stop: () => void stream.destroy() };
}

class CodecError extends Error {}

function zstdProgram(options: readonly string[]): Codec {
  const child = spawn('zstd', ['-q', '-c', ...options], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const finished = new Promise<void>((resolve, reject) => {
    child.on('error', error => {
      reject(missingZstd(error));
      child.stdout.destroy();
    });
    child.on('close', code =>
      code === 0 ? resolve() : reject(new CodecError(complaint.trim() || `zstd ended with ${code}`)),
    );
  });
  // It is awaited only at the end of the output; until then a rejection is no oversight.
  finished.catch(() => {});
  // The program may end before it has read everything: its exit code tells why.
  child.stdin.on('error', () => {});
  const stop = () => {
    child.kill();
    child.stdout.destroy();
  };
  return { input: child.stdin, output: child.stdout, finished, stop };
}

function missingZstd(error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  return new Refusal({
    code: 'archive-unsupported',
    message: 'archives of the format tar.zst need zstd, which is neither in this Node nor installed',
    help: 'Install the zstd program (apt-get install zstd, brew install zstd), use Node 22.15 or later, or pack as tgz.',
  });
}
