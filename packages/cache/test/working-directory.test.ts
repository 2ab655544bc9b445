import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder, type Entry, LocalStore, restoreTreeNow } from '@svc/cache';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundled } from './support/bundled.ts';
import type { Circumstance, RestoreOrder } from './support/restore-program.ts';
import { digestOf, trustFolder } from './support/trust.ts';

const folder = trustFolder();
const content = Buffer.from('content');
const tree: Pick<Entry, 'files' | 'links'> = {
  files: ['a/b/one', 'a/two', 'c/three', 'four'].map(path => ({ path, digest: digestOf(content) })),
  links: [{ path: 'c/link', target: '../a/two' }],
};
const PATHS = ['a', 'a/b', 'a/b/one', 'a/two', 'c', 'c/link', 'c/three', 'four'];
let store: string;
beforeAll(async () => {
  store = mkdtempSync(join(folder, 'store-'));
  await new LocalStore(store).accept(digestOf(content), [content]);
});
const pathsIn = (root: string) => (readdirSync(root, { recursive: true }) as string[]).sort();

describe('the working directory, which goes along when a tree is restored at once', () => {
  it('is what it was before, whether or not the tree could be written', () => {
    const before = process.cwd();
    const to = join(mkdtempSync(join(folder, 'to-')), 'tree');
    expect(restoreTreeNow(new LocalStore(store), tree, to)).toMatchObject({ ok: true });
    expect(pathsIn(to)).toEqual(PATHS);
    expect(process.cwd()).toBe(before);
    expect(restoreTreeNow(new LocalStore(store), tree, to)).toMatchObject({ ok: false, why: 'disturbed' });
    expect(process.cwd()).toBe(before);
    const missing = {
      ...tree,
      files: [...tree.files, { path: 'z/gone', digest: digestOf(Buffer.from('gone')) }],
    };
    expect(restoreTreeNow(new LocalStore(store), missing, `${to}-2`)).toMatchObject({ why: 'missing' });
    expect(process.cwd()).toBe(before);
    const file = join(mkdtempSync(join(folder, 'file-')), 'file');
    writeFileSync(file, '');
    expect(() => restoreTreeNow(new LocalStore(store), tree, join(file, 'tree'))).toThrow(/EEXIST|ENOTDIR/);
    expect(process.cwd()).toBe(before);
  });

  it('does not matter for where the cache is, however that is said', () => {
    for (const [variable, rest] of [
      ['SVC_CACHE_DIR', ''],
      ['XDG_CACHE_HOME', '/svc'],
      ['HOME', process.platform === 'darwin' ? '/Library/Caches/svc' : '/.cache/svc'],
    ] as const)
      expect(cacheFolder({ [variable]: 'near' })).toBe(`${resolve('near')}${rest}`);
  });

  it.each<Circumstance>(['main thread', 'other thread', 'no directory'])(
    'is left as it was, or alone where it cannot be taken: %s',
    async circumstance => {
      const program = await bundled('restore-program', folder);
      const cwd = realpathSync(mkdtempSync(join(folder, 'cwd-')));
      const to = join(cwd, 'out', 'tree');
      mkdirSync(join(cwd, 'out'));
      const order: RestoreOrder = { store, content: tree, to, circumstance };
      const printed = execFileSync(process.execPath, [program, JSON.stringify(order)], { cwd });
      const directory = circumstance === 'no directory' ? undefined : cwd;
      expect(JSON.parse(printed.toString())).toEqual({
        restored: { ok: true, size: tree.files.length * content.length },
        ...(directory && { directory }),
      });
      expect(pathsIn(to)).toEqual(PATHS);
      // Nothing came to lie where the program stood.
      expect(readdirSync(cwd)).toEqual(['out']);
    },
  );
});
