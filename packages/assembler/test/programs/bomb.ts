import { createHash } from 'node:crypto';
import { appendFileSync, createReadStream, createWriteStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { FileEntry } from '@svc/contracts';
import { unpackArchive } from '../../src/index.ts';
import { sealOf } from '../../src/seal.ts';
import { declared, manifestOf, rawHeader } from '../support/raw-tar.ts';

// Argument: a folder to work in. Writes and unpacks bombs one after the other, and tells how each ended and how much
// memory the process has ever had until then.
const [, , folder = ''] = process.argv;
/** More than the process may use, as the test sees it, so that a bomb that is held in memory shows. */
const SIZE = 384 * 1024 ** 2;
const MEGABYTE = Buffer.alloc(1 << 20);

function* zeros(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= MEGABYTE.length) yield MEGABYTE;
}

async function write(name: string, parts: () => Iterable<Buffer>): Promise<string> {
  const file = join(folder, name);
  await pipeline(
    Readable.from(parts(), { objectMode: false }),
    createGzip({ level: 1 }),
    createWriteStream(file),
  );
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  appendFileSync(file, sealOf('tgz', hash.digest()));
  return file;
}

const small: Record<string, FileEntry> = { a: declared('evil') };
const large = (sha256: string): Record<string, FileEntry> => ({ a: { sha256, size: SIZE / 2 } });

const bombs: Record<string, () => Iterable<Buffer>> = {
  *declared() {
    yield manifestOf({ a: { sha256: '0'.repeat(64), size: 9 * 1024 ** 3 } });
    yield* zeros(SIZE);
  },
  *manifest() {
    yield rawHeader({ name: 'deployment.json', size: SIZE });
    yield* zeros(SIZE);
  },
  *'zeros in a file'() {
    yield manifestOf(small);
    yield rawHeader({ name: 'a', size: SIZE });
    yield* zeros(SIZE);
  },
  *'zeros behind the end'() {
    yield manifestOf({});
    yield* zeros(SIZE);
  },
  *'zeros as declared, with another digest'() {
    yield manifestOf(large('0'.repeat(64)));
    yield rawHeader({ name: 'a', size: SIZE / 2 });
    yield* zeros(SIZE / 2);
    yield Buffer.alloc(1024);
  },
  *entries() {
    const names = Array.from({ length: 100_001 }, (_, index) => [`n${index}`, declared('')] as const);
    yield manifestOf(Object.fromEntries(names));
  },
};

const told = [];
for (const [kind, parts] of Object.entries(bombs)) {
  const file = await write('bomb.tgz', parts);
  const result = await unpackArchive({ file, to: join(folder, 'to') });
  const left = readdirSync(folder).filter(name => name !== 'bomb.tgz' && name !== 'bomb.mjs');
  if (existsSync(join(folder, 'to'))) left.push('to');
  told.push({
    kind,
    message: result.ok ? 'unpacked' : result.failures[0]?.message,
    megabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    left,
  });
}
process.stdout.write(JSON.stringify(told));
