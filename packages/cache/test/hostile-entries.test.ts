import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeEntry,
  type Entry,
  encodeEntry,
  LocalStore,
  type Rejection,
  slotOf,
  verifyStore,
} from '@svc/cache';
import { describe, expect, it } from 'vitest';
import { cacheOf, digestOf, KEY, trustFolder } from './support/trust.ts';

const folder = trustFolder();

const content = Buffer.from('content');
const files = (...paths: readonly string[]) => ({
  files: paths.map(path => ({ path, digest: digestOf(content) })),
  links: [],
});

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
  ].map(path => [`a file named ${JSON.stringify(path).slice(0, 60)}`, files(path)] as const),
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
  ['a name that is a file and a folder', files('a', 'a/b')],
  ['names that differ in case', files('a', 'A')],
  ['names that differ in form', files('\u00e9', 'e\u0301')],
  ['a name twice', files('a', 'a')],
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

it('an entry of a million files is refused for its size', () => {
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
});
