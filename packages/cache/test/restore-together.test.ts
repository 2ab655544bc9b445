import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Entry, FIELDS, LocalStore, restoreTreeNow } from '@svc/cache';
import { JointWork } from '@svc/cache/stored';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HelperThread, helperThread, restoreWith } from './support/helper.ts';
import { digestOf, trustFolder } from './support/trust.ts';

const folder = trustFolder();
let thread: HelperThread;
beforeAll(async () => {
  thread = await helperThread(folder);
});
afterAll(() => thread.worker.terminate());

const COUNT = 2000;
const place = () => join(mkdtempSync(join(folder, 'to-')), 'tree');
const contentOf = (index: number) => Buffer.from(`the content of ${index % 700}\n`);
/** More than is written in one go, and more than is remembered. */
const large = Buffer.alloc(9 * 1024 * 1024, 'large');

/** A tree of many files in folders of several depths, with programs, links, an empty file and a large one. */
async function tree(): Promise<{ store: LocalStore; content: Pick<Entry, 'files' | 'links'> }> {
  const store = new LocalStore(mkdtempSync(join(folder, 'store-')));
  const files: Entry['files'][number][] = [];
  for (let index = 0; index < COUNT; index++) {
    const content = index === 7 ? Buffer.alloc(0) : contentOf(index);
    await store.accept(digestOf(content), [content]);
    const path = `services/${String(index % 37).padStart(2, '0')}/${'deep/'.repeat(index % 4)}${index}.html`;
    files.push({ path, digest: digestOf(content), ...(index % 5 === 0 && { executable: true as const }) });
  }
  await store.accept(digestOf(large), [large]);
  files.push({ path: 'at-the-root', digest: digestOf(large), executable: true });
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    store,
    content: { files, links: [{ path: 'links/to', target: '../services/00/0.html' }] },
  };
}

/** Every path below a folder with kind, mode and content. */
function listing(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(path => {
      const stat = lstatSync(path);
      const held = stat.isSymbolicLink()
        ? readlinkSync(path)
        : stat.isFile()
          ? digestOf(readFileSync(path)).hash
          : '';
      return `${path.slice(root.length)} ${stat.mode.toString(8)} ${held}`;
    });
}

describe('a tree that several threads restore', () => {
  it('is that of one thread, and the status of each file is noted', async () => {
    const { store, content } = await tree();
    const [alone, together] = [place(), place()];
    const one = restoreTreeNow(store, content, alone);
    const { restored, work } = await restoreWith(thread, store, content, together);
    expect(restored).toEqual(one);
    expect(restored.ok).toBe(true);
    expect(listing(together)).toEqual(listing(alone));
    for (const [index, { path }] of content.files.entries()) {
      const { size, mtimeMs, ctimeMs, ino, mode } = lstatSync(join(together, path));
      const noted = [...work.stats.subarray(index * FIELDS, (index + 1) * FIELDS)];
      expect(noted, path).toEqual([size, mtimeMs, ctimeMs, ino, mode]);
    }
  });

  it('has the modes that it should under any umask', async () => {
    const { store, content } = await tree();
    const [alone, together] = [place(), place()];
    restoreTreeNow(store, content, alone);
    const before = process.umask(0o077);
    try {
      expect((await restoreWith(thread, store, content, together)).restored.ok).toBe(true);
    } finally {
      process.umask(before);
    }
    expect(listing(together)).toEqual(listing(alone));
  });

  it('does not wait for a thread that comes when all is done', async () => {
    const { store, content } = await tree();
    const to = place();
    const { restored } = await restoreWith(thread, store, content, to, { fate: 'is late' });
    expect(restored.ok).toBe(true);
    expect(listing(to).filter(line => line.includes('.html ')).length).toBe(COUNT);
  });

  for (const which of ['first', 'last'] as const) {
    // The main thread begins at the start, the helper at the end.
    it(`is given up for the ${which} file's content that is missing or damaged, as by one thread`, async () => {
      for (const harm of ['missing', 'damaged'] as const) {
        const { store, content } = await tree();
        const own = Buffer.from(`nobody else's ${which} ${harm}`);
        const file = { path: which === 'first' ? 'a' : 'z/z', digest: digestOf(own) };
        const files = which === 'first' ? [file, ...content.files] : [...content.files, file];
        const blob = store.blobPath(file.digest.hash);
        const spoil = () => {
          if (harm === 'missing') return;
          mkdirSync(join(blob, '..'), { recursive: true });
          writeFileSync(blob, own.toString().toUpperCase());
        };
        spoil();
        const alone = restoreTreeNow(store, { ...content, files }, place());
        expect(alone).toMatchObject({ ok: false, why: harm, path: file.path });
        spoil();
        const to = place();
        const { restored } = await restoreWith(thread, store, { ...content, files }, to);
        expect(restored).toEqual(alone);
        expect(existsSync(blob)).toBe(false);
        expect(existsSync(to)).toBe(false);
      }
    });
  }

  it('is given up when only the helper finds that content is missing', async () => {
    const { store, content } = await tree();
    const to = place();
    const itsStore = new LocalStore(mkdtempSync(join(folder, 'empty-')));
    const { restored } = await restoreWith(thread, store, content, to, { itsStore });
    expect(restored).toMatchObject({ ok: false, why: 'missing' });
    expect(existsSync(to)).toBe(false);
  });

  it('fails as by one thread where the file system refuses a file', async () => {
    const { store, content } = await tree();
    const name = 'n'.repeat(300);
    for (const path of [`a/${name}`, `z/${name}`]) {
      const files = [...content.files, { path, digest: digestOf(contentOf(1)) }];
      files.sort((a, b) => (a.path < b.path ? -1 : 1));
      const refused = expect.objectContaining({ code: 'ENAMETOOLONG', syscall: 'open' });
      expect(() => restoreTreeNow(store, { ...content, files }, place())).toThrow(refused);
      await expect(restoreWith(thread, store, { ...content, files }, place())).rejects.toThrow(refused);
      // The helper has ended this task like any other.
      expect((await restoreWith(thread, store, content, place())).restored.ok).toBe(true);
    }
  });

  it('is disturbed by a folder that is there already, for all threads', async () => {
    const { store, content } = await tree();
    const to = place();
    mkdirSync(to);
    const { restored } = await restoreWith(thread, store, content, to);
    expect(restored).toMatchObject({ ok: false, why: 'disturbed', path: '.' });
    expect(readdirSync(to)).toEqual([]);
  });

  it('is given up for a thread that leaves without having done its part', async () => {
    const { store, content } = await tree();
    const { restored } = await restoreWith(thread, store, content, place(), { fate: 'takes and leaves' });
    expect(restored).toMatchObject({ ok: false, why: 'abandoned' });
  });

  it('is given up for a thread that dies, after a while without progress', async () => {
    const { store, content } = await tree();
    const mortal = await helperThread(mkdtempSync(join(folder, 'mortal-')));
    const given = { fate: 'dies', patience: 100 } as const;
    const { restored } = await restoreWith(mortal, store, content, place(), given);
    expect(restored).toMatchObject({
      ok: false,
      why: 'abandoned',
      problem: expect.stringContaining('thread'),
    });
  });

  it('leaves a helper in peace that was called off before anything began', async () => {
    const work = JointWork.of(10, 1);
    expect(work.join(0)).toBe(true);
    work.fail(undefined);
    expect(work.root()).toBeUndefined();
    expect([...work.share(10, 'helper')]).toEqual([]);
    work.leave(0);
    expect(work.areHelpersGone(0)).toBe(true);
    expect(work.trouble()).toBeUndefined();
  });
});
