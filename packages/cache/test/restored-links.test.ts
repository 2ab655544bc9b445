import { lstatSync, mkdtempSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEntry, type Entry, encodeEntry, LocalStore, restoreTree, restoreTreeNow } from '@svc/cache';
import { describe, expect, it } from 'vitest';
import { digestOf, entryOf, trustFolder } from './support/trust.ts';

const folder = trustFolder();

const content = Buffer.from('content');

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
    for (const restore of [restoreTree, restoreTreeNow]) {
      const to = join(mkdtempSync(join(folder, 'tree-')), 'tree');
      expect(await restore(store, decoded.entry, to)).toMatchObject({ ok: true });
      for (const [path, target] of links) {
        expect(lstatSync(join(to, path)).isSymbolicLink()).toBe(true);
        expect(readlinkSync(join(to, path))).toBe(target);
      }
      expect(readFileSync(join(to, 'dir/file')).equals(content)).toBe(true);
    }
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
    for (const restore of [restoreTree, restoreTreeNow]) {
      const to = join(mkdtempSync(join(folder, 'tree-')), 'tree');
      const umask = process.umask(0o077);
      try {
        await restore(store, entry, to);
      } finally {
        process.umask(umask);
      }
      const modes = ['plain', 'bin/program', 'bin', '.'].map(path => lstatSync(join(to, path)).mode & 0o7777);
      expect(modes).toEqual([0o644, 0o755, 0o755, 0o755]);
      const inodes = [join(to, 'plain'), store.blobPath(digestOf(content).hash)].map(
        path => lstatSync(path).ino,
      );
      expect(inodes[0]).not.toBe(inodes[1]);
    }
  });
});
