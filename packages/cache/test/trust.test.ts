import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeEntry,
  type Entry,
  encodeEntry,
  isSignedBy,
  LocalStore,
  type Rejection,
  ResultCache,
  readSigningKey,
  restoreTree,
  sign,
  slotOf,
  verifyStore,
} from '@svc/cache';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const KEY = Buffer.from('a key of the tests, of more than thirty-two bytes');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'svc-trust-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function digestOf(content: Buffer) {
  return { hash: createHash('sha256').update(content).digest('hex'), size: content.length };
}

function entryOf(key: string, content: Buffer, scope = 'main'): Entry {
  return {
    key,
    scope,
    files: [{ path: 'static/index.html', digest: digestOf(content) }],
    links: [],
    duration: 1,
  };
}

function cacheOf(
  store: LocalStore,
  scope: string,
  readScopes: readonly string[],
  rejections: Rejection[] = [],
) {
  return new ResultCache({
    places: [{ backend: store, read: true, write: true }],
    store,
    signingKey: KEY,
    scope,
    readScopes,
    patience: 1000,
    rejected: rejection => rejections.push(rejection),
  });
}

/** What a build in a scope that finds nothing would store. */
async function storeResult(cache: ResultCache, key: string, content: Buffer): Promise<void> {
  const { scope: _, ...entry } = entryOf(key, content);
  await cache.store([{ entry, blobs: [{ digest: digestOf(content), content }] }], 1000);
}

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

const content = Buffer.from('content');
const file = (path: string) => ({ files: [{ path, digest: digestOf(content) }], links: [] });
const link = (path: string, target: string) => ({ files: [], links: [{ path, target }] });
const both = (name: string, target: string, below: string) => ({
  files: [{ path: below, digest: digestOf(content) }],
  links: [{ path: name, target }],
});

/** The shapes by which archives have been made to write outside of where they are unpacked. */
const HOSTILE: readonly (readonly [string, Pick<Entry, 'files' | 'links'>])[] = [
  ...[
    '/etc/passwd',
    '//etc/passwd',
    '/tmp/../etc/passwd',
    'C:/windows/x',
    'c:x',
    '\\\\server\\share',
    '\\windows',
    '../outside',
    '../../outside',
    'a/../../outside',
    'a/b/../../../outside',
    '..',
    'a/..',
    './a',
    'a/./b',
    '.',
    '',
    'a//b',
    'a/',
    '/',
    '..\\outside',
    'a\\..\\..\\outside',
    '.. /outside',
    '... /x',
    'a/.. /b',
    '․․/outside',
    '‥/outside',
    '．．/outside',
    'a\0b',
    'a\nb',
    'a\x1b[2Jb',
    'a\x7fb',
    '\ud800x',
    'deployment.json',
    'Deployment.JSON',
    `${'x'.repeat(256)}`,
    `${'y/'.repeat(101)}z`,
    `${'long/'.repeat(819)}x`,
  ].map(path => [`a file named ${JSON.stringify(path).slice(0, 60)}`, file(path)] as const),
  ['a link to an absolute path', link('a', '/etc/passwd')],
  ['a link that climbs', link('a', '../outside')],
  ['a link that climbs after going down', link('a/b', '../../outside')],
  ['a link to a drive', link('a', 'C:\\windows')],
  ['a link with a backslash', link('a', '..\\outside')],
  ['a link to nothing', link('a', '')],
  ['a link to itself', link('a', 'a')],
  [
    'links in a circle',
    {
      files: [],
      links: [
        { path: 'a', target: 'b' },
        { path: 'b', target: 'a' },
      ],
    },
  ],
  [
    'a chain of links that leaves',
    {
      files: [],
      links: [
        { path: 'a', target: 'b/..' },
        { path: 'b', target: 'c/..' },
        { path: 'c', target: '..' },
      ],
    },
  ],
  ['a file below a link', both('a', 'b', 'a/file')],
  ['a file below a link that leaves', both('a', '..', 'a/file')],
  [
    'a name that is a file and a folder',
    {
      files: [
        { path: 'a', digest: digestOf(content) },
        { path: 'a/b', digest: digestOf(content) },
      ],
      links: [],
    },
  ],
  [
    'names that differ in case',
    {
      files: [
        { path: 'a', digest: digestOf(content) },
        { path: 'A', digest: digestOf(content) },
      ],
      links: [],
    },
  ],
  [
    'names that differ in form',
    {
      files: [
        { path: 'é', digest: digestOf(content) },
        { path: 'é', digest: digestOf(content) },
      ],
      links: [],
    },
  ],
  [
    'a name twice',
    {
      files: [
        { path: 'a', digest: digestOf(content) },
        { path: 'a', digest: digestOf(content) },
      ],
      links: [],
    },
  ],
  ['a file and a link of one name', both('a', 'b', 'a')],
  [
    'a size that is no number of bytes',
    { files: [{ path: 'a', digest: { hash: 'a'.repeat(64), size: -1 } }], links: [] },
  ],
  [
    'a digest that is a path',
    { files: [{ path: 'a', digest: { hash: `../../${'a'.repeat(58)}`, size: 1 } }], links: [] },
  ],
  [
    'a size beyond all measure',
    { files: [{ path: 'a', digest: { hash: 'a'.repeat(64), size: 1e13 } }], links: [] },
  ],
  [
    'a setuid bit',
    {
      files: [{ path: 'a', digest: digestOf(content), mode: 0o4755 } as unknown as Entry['files'][number]],
      links: [],
    },
  ],
  [
    'a device',
    {
      files: [{ path: 'a', digest: digestOf(content), type: 'device' } as unknown as Entry['files'][number]],
      links: [],
    },
  ],
];

describe('hostile entries', () => {
  it('are at least 40', () => expect(HOSTILE.length).toBeGreaterThanOrEqual(40));

  it.each(HOSTILE)('%s is refused before a byte lands', (_, parts) => {
    const entry = { key: 'key', scope: 'main', duration: 1, ...parts } as Entry;
    for (const key of [null, KEY]) {
      const decoded = decodeEntry(encodeEntry(entry, key), entry, key);
      expect(decoded).toHaveProperty('problem');
    }
  });

  it('a whole store of them writes nothing anywhere', async () => {
    const canary = mkdtempSync(join(folder, 'canary-'));
    writeFileSync(join(canary, 'outside'), 'as it was');
    const store = new LocalStore(join(canary, 'store'));
    const rejections: Rejection[] = [];
    const cache = cacheOf(store, 'main', ['main'], rejections);
    const keys = HOSTILE.map((_, index) => `key-${index}`);
    for (const [index, [, parts]] of HOSTILE.entries()) {
      const entry = { key: keys[index] ?? '', scope: 'main', duration: 1, ...parts } as Entry;
      await store.store(slotOf('main', entry.key), encodeEntry(entry, KEY), [
        { digest: digestOf(content), content },
      ]);
    }
    const verified = await verifyStore(store, KEY);
    expect(verified.damage).toHaveLength(HOSTILE.length);
    expect((await cache.find(keys)).size).toBe(0);
    expect(rejections).toHaveLength(HOSTILE.length);
    expect(readdirSync(canary).sort()).toEqual(['outside', 'store']);
    expect(readFileSync(join(canary, 'outside'), 'utf8')).toBe('as it was');
  });
});

describe('links', () => {
  const shapes: readonly (readonly [string, readonly (readonly [string, string])[], boolean])[] = [
    ['relative', [['link', 'dir/file']], true],
    ['dangling', [['link', 'absent']], true],
    ['to a folder', [['link', 'dir']], true],
    [
      'chained',
      [
        ['one', 'two'],
        ['two', 'dir/file'],
      ],
      true,
    ],
    ['a pnpm store', [['node_modules/a', '.pnpm/a@1/node_modules/a']], true],
    [
      'a cycle',
      [
        ['one', 'two'],
        ['two', 'one'],
      ],
      false,
    ],
    ['above the root', [['link', '../x']], false],
    ['to itself', [['link', 'link']], false],
    ['absolute', [['link', '/etc/hosts']], false],
    ['into another service', [['link', '../other/file']], false],
    ['back into the root', [['dir/link', '../dir/file']], true],
    ['a twin in case', [['Dir/File', 'x']], false],
  ];

  it.each(shapes)('%s: restored as it was, or refused', async (_, links, isFine) => {
    const store = new LocalStore(mkdtempSync(join(folder, 'links-')));
    const entry: Entry = {
      ...entryOf('key', content),
      files: [{ path: 'dir/file', digest: digestOf(content) }],
      links: links.map(([path, target]) => ({ path, target })),
    };
    const decoded = decodeEntry(encodeEntry(entry, null), entry, null);
    expect('entry' in decoded).toBe(isFine);
    if (!('entry' in decoded)) return;
    await store.accept(digestOf(content), [content]);
    const to = join(mkdtempSync(join(folder, 'tree-')), 'tree');
    expect(await restoreTree(store, decoded.entry, to)).toMatchObject({ ok: true });
    for (const [path, target] of links) {
      expect(lstatSync(join(to, path)).isSymbolicLink()).toBe(true);
      expect(readlinkSync(join(to, path))).toBe(target);
    }
    expect(readFileSync(join(to, 'dir/file')).equals(content)).toBe(true);
  });

  it('modes are 644 and 755 whatever the umask, and the store stays apart from the tree', async () => {
    const store = new LocalStore(mkdtempSync(join(folder, 'modes-')));
    await store.accept(digestOf(content), [content]);
    const entry: Entry = {
      ...entryOf('key', content),
      files: [
        { path: 'plain', digest: digestOf(content) },
        { path: 'bin/program', digest: digestOf(content), executable: true },
      ],
    };
    const to = join(folder, 'modes');
    const umask = process.umask(0o077);
    try {
      await restoreTree(store, entry, to);
    } finally {
      process.umask(umask);
    }
    const modes = ['plain', 'bin/program', 'bin', '.'].map(path => lstatSync(join(to, path)).mode & 0o7777);
    expect(modes).toEqual([0o644, 0o755, 0o755, 0o755]);
    expect(lstatSync(join(to, 'plain')).ino).not.toBe(lstatSync(store.blobPath(digestOf(content).hash)).ino);
  });
});

it('entries of a million files are refused in bounded memory', () => {
  const files = Array.from(
    { length: 1_000_000 },
    (_, index) => `{"digest":{"hash":"${'a'.repeat(64)}","size":1},"path":"${index}"}`,
  );
  const bytes = Buffer.from(
    `{"version":1,"signature":null}\n{"duration":1,"files":[${files.join(',')}],"key":"k","links":[],"scope":"main"}`,
  );
  expect(decodeEntry(bytes, { key: 'k', scope: 'main' }, null)).toEqual({
    problem: 'the entry is too large',
  });
  mkdirSync(join(folder, 'empty'));
  expect(readdirSync(join(folder, 'empty'))).toEqual([]);
});
