import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { create, list } from 'tar';
import { afterAll, describe, expect, it } from 'vitest';
import { LimitTimes } from '../src/archive/layer-times.ts';

const LIMIT = 315_532_800;
const folders: string[] = [];
afterAll(() => Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true }))));

/** A tar stream by tar itself, with fractions of seconds and long names, so with PAX headers. */
async function layer(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'svc-layer-'));
  folders.push(folder);
  const long = `${'long-'.repeat(40)}name`;
  for (const [name, time] of [
    ['new', 1_700_000_000.5],
    ['old', 100],
    [long, 1_600_000_000.25],
  ] as const) {
    await writeFile(join(folder, name), name.repeat(700));
    await utimes(join(folder, name), time, time);
  }
  return buffer(create({ cwd: folder }, ['new', 'old', long]));
}

async function limited(bytes: Buffer, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return buffer(Readable.from(pieces).pipe(new LimitTimes(LIMIT)));
}

async function read(bytes: Buffer) {
  const found: { path: string; seconds: number; text: string }[] = [];
  const parser = list({
    onReadEntry: entry => {
      const chunks: Buffer[] = [];
      entry.on('data', chunk => chunks.push(Buffer.from(chunk)));
      entry.on('end', () =>
        found.push({
          path: entry.path,
          seconds: (entry.mtime?.getTime() ?? 0) / 1000,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    },
  });
  await new Promise<void>((resolve, reject) => {
    parser.on('end', resolve).on('error', reject);
    parser.end(bytes);
  });
  return found;
}

describe('times in a layer', () => {
  it('are limited, and nothing else changes, however the stream is cut', async () => {
    const bytes = await layer();
    const before = await read(bytes);
    const whole = await limited(bytes, bytes.length);
    const after = await read(whole);
    expect(after.map(({ seconds }) => seconds)).toEqual([LIMIT, 100, LIMIT]);
    expect(after.map(({ path, text }) => [path, text])).toEqual(before.map(({ path, text }) => [path, text]));
    for (const size of [1, 511, 512, 513, 4096])
      expect((await limited(bytes, size)).equals(whole)).toBe(true);
  });

  it('of a layer that is cut off are an error', async () => {
    const bytes = await layer();
    await expect(limited(bytes.subarray(0, 700), 512)).rejects.toThrow('ends in the middle');
  });
});
