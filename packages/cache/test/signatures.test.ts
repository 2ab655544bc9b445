import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeEntry,
  type Entry,
  encodeEntry,
  isSignedBy,
  LocalStore,
  type Rejection,
  readSigningKey,
  sign,
  slotOf,
} from '@svc/cache';
import { describe, expect, it } from 'vitest';
import { cacheOf, digestOf, entryOf, KEY, storeResult, trustFolder } from './support/trust.ts';

const folder = trustFolder();

describe('scopes', () => {
  const good = Buffer.from('what the sources give');
  const poisoned = Buffer.from('what a patched tool gives');

  it.each([
    ['the hostile one is first', true],
    ['the trusted one is first', false],
  ])('a branch cannot put its result in the place of another’s: %s', async (_, hostileFirst) => {
    const store = new LocalStore(mkdtempSync(join(folder, 'scopes-')));
    const key = 'the same sources';
    const main = cacheOf(store, 'main', ['main']);
    const pr = cacheOf(store, 'pr', ['pr', 'main']);
    if (hostileFirst) await storeResult(pr, key, poisoned);
    else await storeResult(main, key, good);
    const others = Array.from({ length: 20 }, (_, index) => cacheOf(store, `pr-${index}`, [`pr-${index}`]));
    await Promise.all(others.map(cache => storeResult(cache, key, poisoned)));
    await (hostileFirst ? storeResult(main, key, good) : storeResult(pr, key, poisoned));
    for (let build = 0; build < 100; build++) {
      const found = (await main.find([key])).get(key);
      expect(found?.entry.files[0]?.digest).toEqual(digestOf(good));
    }
    // Whoever trusts `main` gets its own first, then that.
    expect((await cacheOf(store, 'pr-new', ['pr-new', 'main']).find([key])).get(key)?.entry.scope).toBe(
      'main',
    );
  });

  it('an entry that was copied into another scope’s slot is not that scope’s', async () => {
    const store = new LocalStore(mkdtempSync(join(folder, 'moved-')));
    const key = 'the same sources';
    await storeResult(cacheOf(store, 'pr', ['pr']), key, poisoned);
    const stolen = readFileSync(store.entryPath(slotOf('pr', key)));
    await store.store(slotOf('main', key), stolen, []);
    const rejections: Rejection[] = [];
    expect((await cacheOf(store, 'main', ['main'], rejections).find([key])).size).toBe(0);
    expect(rejections).toMatchObject([{ from: 'local', key }]);
  });
});

describe('signatures', () => {
  it('every changed byte of a signed entry of 10 kB, and of its signature, is noticed', () => {
    const files = Array.from({ length: 110 }, (_, index) => ({
      path: `static/page-${index}.html`,
      digest: digestOf(Buffer.from(`${index}`)),
    }));
    const entry: Entry = { ...entryOf('key', Buffer.from('')), files };
    const bytes = encodeEntry(entry, KEY);
    expect(bytes.length).toBeGreaterThan(10_240);
    expect(decodeEntry(bytes, entry, KEY)).toHaveProperty('entry');
    let accepted = 0;
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 + (at % 255));
      if ('entry' in decodeEntry(changed, entry, KEY)) accepted++;
    }
    expect(accepted).toBe(0);
  });

  it('every changed byte of a result’s content is noticed, told, and leads to a rebuild', async () => {
    const store = new LocalStore(mkdtempSync(join(folder, 'flips-')));
    const content = randomBytes(10_240);
    const rejections: Rejection[] = [];
    const cache = cacheOf(store, 'main', ['main'], rejections);
    await storeResult(cache, 'key', content);
    const found = (await cache.find(['key'])).get('key');
    if (!found) throw new Error('nothing was stored');
    const path = store.blobPath(digestOf(content).hash);
    const target = join(folder, 'flipped');
    let accepted = 0;
    for (let at = 0; at < content.length; at++) {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      if (store.read(digestOf(content))) accepted++;
      // Writing a tree each time takes minutes: every eighth goes all the way.
      if (at % 8 !== 0) continue;
      if ((await cache.restore(found, target)).ok) accepted++;
      if (existsSync(target)) throw new Error('a tree that was refused is still there');
    }
    expect(accepted).toBe(0);
    expect(rejections).toHaveLength(content.length / 8);
    expect((await cache.find(['key'])).size).toBe(0);
  });

  it('no byte moves from one part to the next, and no name stands for a longer one', () => {
    let crossed = 0;
    for (let round = 0; round < 1000; round++) {
      const text = randomBytes(12).toString('hex');
      const [a, b] = [1 + (round % 23), 1 + ((round * 7) % 22)];
      const parts = [text.slice(0, a), text.slice(a), text];
      const forgeries = [
        [text.slice(0, b === a ? b + 1 : b), text.slice(b === a ? b + 1 : b), text],
        [text.slice(a), text.slice(0, a), `${text} `],
        [`${parts[0]}${parts[1]}`, '', text],
        ['', `${parts[0]}${parts[1]}`, text],
        [...parts, ''],
      ];
      const signature = sign(KEY, 'svc test 1', parts);
      for (const forged of forgeries) if (isSignedBy(KEY, 'svc test 1', forged, signature)) crossed++;
      if (isSignedBy(KEY, 'svc test', ['1', ...parts], signature)) crossed++;
      if (!isSignedBy(KEY, 'svc test 1', parts, signature)) crossed++;
    }
    expect(crossed).toBe(0);
  });

  it('refuses short keys, unsigned entries and other keys', () => {
    expect(readSigningKey({ SVC_CACHE_KEY: 'x'.repeat(31) })).toMatchObject({
      ok: false,
      failures: [{ code: 'cache-key-invalid' }],
    });
    expect(readSigningKey({ SVC_CACHE_KEY: 'x'.repeat(32) })).toMatchObject({ ok: true });
    expect(readSigningKey({ SVC_CACHE_KEY_FILE: join(folder, 'absent') })).toMatchObject({ ok: false });
    const entry = entryOf('key', Buffer.from('content'));
    expect(decodeEntry(encodeEntry(entry, null), entry, KEY)).toEqual({ problem: 'the entry is not signed' });
    expect(decodeEntry(encodeEntry(entry, Buffer.from('y'.repeat(40))), entry, KEY)).toHaveProperty(
      'problem',
    );
    expect(decodeEntry(encodeEntry(entry, KEY), entry, null)).toHaveProperty('entry');
  });

  it('is HMAC-SHA256 over lengths and parts, as documented', () => {
    const message = Buffer.concat(
      ['d', 'ab', 'c'].flatMap(part => {
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(part.length));
        return [length, Buffer.from(part)];
      }),
    );
    const ipad = Buffer.alloc(64);
    const opad = Buffer.alloc(64);
    for (let at = 0; at < 64; at++) {
      ipad[at] = (KEY[at] ?? 0) ^ 0x36;
      opad[at] = (KEY[at] ?? 0) ^ 0x5c;
    }
    const inner = createHash('sha256').update(ipad).update(message).digest();
    expect(sign(KEY, 'd', ['ab', 'c'])).toBe(
      createHash('sha256').update(opad).update(inner).digest('base64'),
    );
  });
});
