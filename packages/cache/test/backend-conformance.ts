import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobSource, CacheBackend, Digest, Entry } from '@svc/cache';
import { encodeEntry, slotOf } from '@svc/cache';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A place under test: opens clients of it, each as another process would. */
export interface BackendUnderTest {
  open(): Promise<CacheBackend> | CacheBackend;
  close(): Promise<void>;
}

const PATIENT = () => AbortSignal.timeout(30_000);

/** What every cache backend must do, whatever it is made of. */
export function backendConformance(name: string, start: () => Promise<BackendUnderTest>): void {
  describe(`${name} as a cache backend`, () => {
    let place: BackendUnderTest;
    let folder: string;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'svc-backend-'));
      place = await start();
    });
    afterAll(async () => {
      await place?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const withBackend = async <T>(action: (backend: CacheBackend) => Promise<T>): Promise<T> => {
      const backend = await place.open();
      try {
        return await action(backend);
      } finally {
        await backend.close();
      }
    };

    it('has nothing at first', async () => {
      const found = await withBackend(backend => backend.find([newSlot(), newSlot()], PATIENT()));
      expect(found.size).toBe(0);
    });

    it('gives back an entry and its content, byte for byte, to another client', async () => {
      const result = resultOf(folder, {
        small: Buffer.from('hello'),
        empty: Buffer.alloc(0),
        binary: randomBytes(70_000),
      });
      await withBackend(async backend => {
        expect(await backend.store(result.slot, result.bytes, result.blobs, PATIENT())).toBe('stored');
      });
      const { entry, contents } = await withBackend(backend => readBack(backend, result));
      expect(entry?.equals(result.bytes)).toBe(true);
      expect(contents).toEqual([...result.contents.keys()].sort());
    });

    it('carries content of several megabytes', async () => {
      const result = resultOf(folder, {
        large: randomBytes(9 * 1024 * 1024),
        other: randomBytes(2 * 1024 * 1024),
      });
      await withBackend(backend => backend.store(result.slot, result.bytes, result.blobs, PATIENT()));
      const { contents } = await withBackend(backend => readBack(backend, result));
      expect(contents).toEqual([...result.contents.keys()].sort());
    });

    it('carries many small contents, and an entry larger than a message', async () => {
      const files = Object.fromEntries(
        Array.from({ length: 6000 }, (_, index) => [
          `folder/${index}-${'x'.repeat(60)}`,
          Buffer.from(`content ${index}`),
        ]),
      );
      const result = resultOf(folder, files);
      await withBackend(backend => backend.store(result.slot, result.bytes, result.blobs, PATIENT()));
      const { entry, contents } = await withBackend(backend => readBack(backend, result));
      expect(entry?.equals(result.bytes)).toBe(true);
      expect(contents.length).toBe(6000);
      expect(contents).toEqual([...result.contents.keys()].sort());
    });

    it('looks several slots up at once, and brings the same content once for all of them', async () => {
      const shared = Buffer.from('shared by all');
      const results = ['a', 'b', 'c'].map(text => resultOf(folder, { shared, own: Buffer.from(text) }));
      await withBackend(async backend => {
        for (const { slot, bytes, blobs } of results) await backend.store(slot, bytes, blobs, PATIENT());
      });
      await withBackend(async backend => {
        const slots = [...results.map(({ slot }) => slot), newSlot()];
        const found = await backend.find(slots, PATIENT());
        expect([...found.keys()].sort()).toEqual(results.map(({ slot }) => slot).sort());
      });
    });

    it('writes an entry once: the first stays', async () => {
      const first = resultOf(folder, { file: Buffer.from('first') });
      const second = resultOf(folder, { file: Buffer.from('second') });
      await withBackend(async backend => {
        expect(await backend.store(first.slot, first.bytes, first.blobs, PATIENT())).toBe('stored');
        expect(await backend.store(first.slot, second.bytes, second.blobs, PATIENT())).toBe('exists');
      });
      await withBackend(async backend => {
        const entry = (await backend.find([first.slot], PATIENT())).get(first.slot);
        expect(entry && Buffer.from(entry).equals(first.bytes)).toBe(true);
      });
    });

    it('leaves content out that it does not have', async () => {
      const result = resultOf(folder, { file: randomBytes(100) });
      await withBackend(async backend => {
        await backend.store(result.slot, result.bytes, result.blobs, PATIENT());
        await backend.find([result.slot], PATIENT());
        const seen: Digest[] = [];
        const absent = digestOf(randomBytes(50));
        await backend.fetch(
          result.slot,
          [absent],
          async digest => {
            seen.push(digest);
            return true;
          },
          PATIENT(),
        );
        expect(seen).toEqual([]);
      });
    });

    it('brings a hit in few round trips, and tells how many they were', async () => {
      const results = Array.from({ length: 10 }, (_, index) =>
        resultOf(folder, { own: randomBytes(20_000), other: Buffer.from(`${index}`) }),
      );
      await withBackend(async backend => {
        for (const { slot, bytes, blobs } of results) await backend.store(slot, bytes, blobs, PATIENT());
      });
      const { requests, bytesReceived } = await withBackend(async backend => {
        await backend.find(
          results.map(({ slot }) => slot),
          PATIENT(),
        );
        for (const result of results) await readBlobs(backend, result);
        return backend.traffic;
      });
      const content = results.reduce((sum, { bytes, contents }) => sum + bytes.length + sizeOf(contents), 0);
      const perHit = (count: number) => (count / results.length).toFixed(1);
      console.log(
        `${name}: ${perHit(requests)} round trips and ${perHit(bytesReceived)} bytes a hit, of entries and content of ${perHit(content)}`,
      );
      // One for the entry and one for its content, and little beside what is brought.
      expect(requests).toBeLessThanOrEqual(2 * results.length);
      expect(bytesReceived).toBeLessThan(1.1 * content + 1000 * results.length);
    });

    it('stops when it is told to', async () => {
      const stopped = AbortSignal.abort();
      await withBackend(async backend => {
        if (backend.name === 'local') return;
        await expect(backend.find([newSlot()], stopped)).rejects.toThrow();
      });
    });
  });
}

export interface StoredResult {
  readonly slot: string;
  readonly bytes: Buffer;
  readonly blobs: readonly BlobSource[];
  /** By sha256. */
  readonly contents: ReadonlyMap<string, Buffer>;
}

export function newSlot(): string {
  return slotOf('main', randomBytes(32).toString('hex'));
}

/** A result of these files, its content on disk as after a build. */
export function resultOf(folder: string, files: Readonly<Record<string, Buffer>>): StoredResult {
  const key = randomBytes(32).toString('hex');
  const contents = new Map<string, Buffer>();
  const blobs: BlobSource[] = [];
  const listed: Entry['files'][number][] = [];
  for (const [path, content] of Object.entries(files)) {
    const digest = digestOf(content);
    listed.push({ path, digest });
    if (contents.has(digest.hash)) continue;
    contents.set(digest.hash, content);
    const file = join(folder, digest.hash);
    writeFileSync(file, content);
    blobs.push({ digest, path: file });
  }
  const entry: Entry = {
    key,
    scope: 'main',
    files: listed,
    links: [{ path: 'link', target: 'small' }],
    duration: 5,
  };
  return { slot: slotOf('main', key), bytes: encodeEntry(entry, null), blobs, contents };
}

function sizeOf(contents: ReadonlyMap<string, Buffer>): number {
  return [...contents.values()].reduce((sum, { length }) => sum + length, 0);
}

async function readBack(backend: CacheBackend, result: StoredResult) {
  const entry = (await backend.find([result.slot], PATIENT())).get(result.slot);
  return { entry: entry && Buffer.from(entry), contents: await readBlobs(backend, result) };
}

/** The digests of what a place brings for a slot that was looked up before, as far as the bytes are right. */
async function readBlobs(backend: CacheBackend, { slot, contents }: StoredResult): Promise<string[]> {
  // Their bytes are checked here; comparing megabytes with a matcher takes minutes.
  const read = new Set<string>();
  const wanted = [...contents].map(([hash, content]) => ({ hash, size: content.length }));
  await backend.fetch(
    slot,
    wanted,
    async (digest, chunks) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      const content = Buffer.concat(parts);
      if (digestOf(content).hash !== digest.hash) return false;
      read.add(digest.hash);
      return true;
    },
    PATIENT(),
  );
  return [...read].sort();
}

function digestOf(content: Buffer): Digest {
  return { hash: createHash('sha256').update(content).digest('hex'), size: content.length };
}
