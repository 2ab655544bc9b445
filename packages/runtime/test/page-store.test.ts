import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { KeptPage } from '../src/prerender/kept-page.ts';
import { PageStore } from '../src/prerender/page-store.ts';
import { temporaryFolder } from './support/deployment.ts';

function page(body: string): KeptPage {
  return {
    status: 200,
    headers: [['content-type', 'text/plain']],
    body: Buffer.from(body),
    etag: '"x"',
    begunAt: 0,
    madeAt: 0,
    isBuilt: false,
    freshFor: null,
    usableFor: null,
    tags: [],
  };
}

async function store(limits: { memory: number; disk: number; pages: number }) {
  const folder = await temporaryFolder();
  return { folder, pages: new PageStore(async () => folder, limits) };
}

const text = async (pages: PageStore, key: string) => (await pages.get(key))?.body.toString();

describe('kept pages', () => {
  it('move to disk when memory is full, those first that nobody asked for, and are the same there', async () => {
    const { folder, pages } = await store({ memory: 25, disk: 1000, pages: 100 });
    await pages.put('a', page('a'.repeat(10)));
    await pages.put('b', page('b'.repeat(10)));
    await pages.get('a');
    await pages.put('c', page('c'.repeat(10)));
    expect(await readdir(folder)).toHaveLength(1);
    expect(await text(pages, 'b')).toBe('b'.repeat(10));
    expect(await pages.get('b')).toMatchObject({ status: 200, headers: [['content-type', 'text/plain']] });
    expect(await text(pages, 'a')).toBe('a'.repeat(10));
  });

  it('go when the disk is full or there are too many', async () => {
    const { folder, pages } = await store({ memory: 10, disk: 20, pages: 100 });
    for (const key of 'abcdef') await pages.put(key, page(key.repeat(10)));
    expect(await readdir(folder)).toHaveLength(2);
    expect(await pages.get('a')).toBeUndefined();
    expect(await text(pages, 'f')).toBe('f'.repeat(10));

    const few = await store({ memory: 1000, disk: 1000, pages: 2 });
    for (const key of 'abc') await few.pages.put(key, page(key));
    expect(await few.pages.get('a')).toBeUndefined();
    expect(await text(few.pages, 'c')).toBe('c');
  });

  it('are replaced as a whole, and many at the same time leave no file behind', async () => {
    const { folder, pages } = await store({ memory: 15, disk: 1000, pages: 100 });
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => pages.put(`k${at % 3}`, page(String(at).padStart(10, '0')))),
    );
    await pages.put('last', page('z'.repeat(15)));
    expect((await readdir(folder)).length).toBeLessThanOrEqual(3);
    expect(await text(pages, 'k1')).toBe('0000000049');
  });

  it('whose file was removed are as if they had never been', async () => {
    const { folder, pages } = await store({ memory: 0, disk: 1000, pages: 100 });
    await pages.put('a', page('aaa'));
    const { rm } = await import('node:fs/promises');
    await rm(folder, { recursive: true });
    expect(await pages.get('a')).toBeUndefined();
  });
});
