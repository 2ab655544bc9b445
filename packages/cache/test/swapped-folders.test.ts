import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  type Entry,
  LocalStore,
  type Rejection,
  type Restored,
  removeFolder,
  restoreTree,
  restoreTreeNow,
} from '@svc/cache';
import { afterEach, describe, expect, it } from 'vitest';
import { helperThread, restoreWith } from './support/helper.ts';
import { cacheOf, digestOf, entryOf, storeResult, trustFolder } from './support/trust.ts';

const folder = trustFolder();
const content = Buffer.from('content');
/** Larger than what is written in one go. */
const large = Buffer.alloc(9 * 1024 * 1024, 'x');

const PATHS = ['a', 'b', 'c'].flatMap(one =>
  ['d', 'e', 'f'].flatMap(two => ['1', '2'].map(three => `${one}/${two}/${three}`)),
);
const ATTEMPTS = 1500;
/** With as many files as threads share, each takes longer, and is disturbed more often. */
const TOGETHER = 100;

/** Puts a link that leads outside in the place of folders below `tree`, and the folder back, again and again. */
const SWAPPER = `const { renameSync, rmSync, symlinkSync } = require('node:fs');
const [tree, outside] = process.argv.slice(1);
const places = ['', '/a', '/b', '/c', '/a/d', '/b/e', '/c/f'];
let swaps = 0;
process.send('ready');
process.on('message', () => process.send({ swaps }));
(function swap() {
  for (let round = 0; round < 200; round++) {
    const place = tree + places[(swaps + round) % places.length];
    try {
      renameSync(place, place + '.aside');
      symlinkSync(outside, place);
      swaps++;
    } catch {}
    try { rmSync(place); } catch {}
    try { renameSync(place + '.aside', place); } catch {}
  }
  setImmediate(swap);
})();
`;

let swapper: ChildProcess | undefined;
afterEach(() => {
  swapper?.kill('SIGKILL');
});

/** Starts it; gives how to ask how often it has succeeded. */
async function swapping(tree: string, outside: string): Promise<() => Promise<number>> {
  const child = spawn(process.execPath, ['-e', SWAPPER, tree, outside], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  swapper = child;
  await new Promise(resolve => child.once('message', resolve));
  return () =>
    new Promise(resolve => {
      child.once('message', message => resolve((message as { swaps: number }).swaps));
      child.send('how many');
    });
}

/** A folder with things that nobody may touch, under names that the tree has as well. */
function outsideFolder(): string {
  const outside = mkdtempSync(join(folder, 'outside-'));
  for (const name of ['d', 'e', 'f']) mkdirSync(join(outside, name));
  for (const name of ['1', 'd/1', 'e/2', 'f/precious']) writeFileSync(join(outside, name), 'as it was');
  return outside;
}

/** Everything below a folder with content and mode, as one digest. */
function fingerprintOf(root: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })
    .map(entry => join(entry.parentPath, entry.name))
    .sort()) {
    const stat = statSync(entry);
    hash.update(`${entry} ${stat.mode} `).update(stat.isFile() ? readFileSync(entry) : '');
  }
  return hash.digest('hex');
}

describe('somebody who changes folders while a result is restored', () => {
  async function stored(): Promise<{ store: LocalStore; entry: Entry }> {
    const store = new LocalStore(mkdtempSync(join(folder, 'swapped-')));
    await store.accept(digestOf(content), [content]);
    await store.accept(digestOf(large), [large]);
    const files = PATHS.map(path => ({ path, digest: digestOf(content) }));
    const links = [{ path: 'c/f/link', target: '1' }];
    return { store, entry: { ...entryOf('key', content), files, links } };
  }

  it(`has nothing written or removed outside in ${ATTEMPTS} attempts, and is told of`, async () => {
    const { store, entry } = await stored();
    const outside = outsideFolder();
    const before = fingerprintOf(outside);
    const to = join(mkdtempSync(join(folder, 'target-')), 'tree');
    const report = await swapping(to, outside);
    const outcomes: Record<string, number> = {};
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // Both ways to write: by paths through open folders, and by names from within them.
      const restore = attempt % 2 === 0 ? restoreTree : restoreTreeNow;
      const restored: Restored = await restore(store, entry, to);
      const outcome = restored.ok ? 'restored' : restored.why;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      for (const left of [to, `${to}.aside`]) removeFolder(left);
    }
    const swaps = await report();
    console.log(`${ATTEMPTS} restores beside ${swaps} swaps: ${JSON.stringify(outcomes)}`);
    expect(fingerprintOf(outside)).toBe(before);
    expect(swaps).toBeGreaterThan(0);
    expect(outcomes.disturbed ?? 0).toBeGreaterThan(0);
  });

  it('has nothing written or removed outside by several threads either', async () => {
    const { store, entry } = await stored();
    const outside = outsideFolder();
    const before = fingerprintOf(outside);
    const to = join(mkdtempSync(join(folder, 'target-')), 'tree');
    // Enough for both threads, each of which takes 64 at a time.
    const files = PATHS.flatMap(path =>
      Array.from({ length: 10 }, (_, index) => ({ path: `${path}-${index}`, digest: digestOf(content) })),
    );
    const thread = await helperThread(mkdtempSync(join(folder, 'helper-')));
    const report = await swapping(to, outside);
    const outcomes: Record<string, number> = {};
    for (let attempt = 0; attempt < TOGETHER; attempt++) {
      const { restored } = await restoreWith(thread, store, { ...entry, files }, to);
      const outcome = restored.ok ? 'restored' : restored.why;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      for (const left of [to, `${to}.aside`]) removeFolder(left);
    }
    const swaps = await report();
    await thread.worker.terminate();
    console.log(`${TOGETHER} restores by threads beside ${swaps} swaps: ${JSON.stringify(outcomes)}`);
    expect(fingerprintOf(outside)).toBe(before);
    expect(swaps).toBeGreaterThan(0);
    expect(outcomes.disturbed ?? 0).toBeGreaterThan(0);
    expect(outcomes.abandoned ?? 0).toBe(0);
  });

  it('finds a link in the place of its folder, leaves it alone, and says so', async () => {
    const { store } = await stored();
    const outside = mkdtempSync(join(folder, 'outside-'));
    const rejections: Rejection[] = [];
    const cache = cacheOf(store, 'main', ['main'], rejections);
    await storeResult(cache, 'key', content);
    const found = (await cache.find(['key'])).get('key');
    if (!found) throw new Error('nothing was stored');
    const place = mkdtempSync(join(folder, 'place-'));
    const to = join(place, 'tree');
    symlinkSync(outside, to);
    expect(await cache.restore(found, to)).toMatchObject({ ok: false, why: 'disturbed' });
    expect(rejections).toMatchObject([{ key: 'key', reason: expect.stringContaining('somebody else') }]);
    // The same in the place of the folder above.
    rmSync(place, { recursive: true });
    symlinkSync(outside, place);
    expect(await cache.restore(found, to)).toMatchObject({ ok: false, why: 'disturbed' });
    expect(readdirSync(outside)).toEqual([]);
    // The result is as good as before.
    expect((await cache.find(['key'])).size).toBe(1);
  });

  it('large files are put in place and given their mode through what is open, not by name', async () => {
    const { store, entry } = await stored();
    const files = [{ path: 'bin/large', digest: digestOf(large), executable: true as const }];
    for (const restore of [restoreTree, restoreTreeNow]) {
      const to = join(mkdtempSync(join(folder, 'large-')), 'tree');
      expect(await restore(store, { ...entry, files, links: [] }, to)).toMatchObject({ ok: true });
      expect(statSync(join(to, 'bin/large')).mode & 0o7777).toBe(0o755);
      expect(readFileSync(join(to, 'bin/large')).equals(large)).toBe(true);
    }
  });
});
