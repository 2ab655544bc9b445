import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { NO_BROWSER, openPage, PATIENTLY } from './support/browser.ts';
import { buildAndMove } from './support/deployed.ts';
import { startDeployment } from './support/running.ts';

describe('the bookshop in Django, built and copied elsewhere', () => {
  let elsewhere: string;
  let url: string;
  beforeAll(async () => {
    elsewhere = (await buildAndMove('django')).deployment;
    url = (await startDeployment(elsewhere)).url;
  });

  it('has the settings of the configuration', async () => {
    const settings = await readFile(
      join(elsewhere, 'services/shop/functions/django.func/.vc-config.json'),
      'utf8',
    );
    expect(JSON.parse(settings)).toMatchObject({ memory: 512, maxDuration: 15 });
  });

  it('answers with its page, its style sheet and its data', async () => {
    const page = await (await fetch(url)).text();
    expect(page).toContain('<a href="/api/books/emma">Emma</a>, Jane Austen');
    const [, style = ''] = /href="(\/static\/[^"]+\.css)"/.exec(page) ?? [];
    const sheet = await fetch(`${url}${style}`);
    expect(sheet.headers.get('content-type')).toMatch(/^text\/css/);
    expect(await sheet.text()).toContain('font-family: Georgia');
    expect(await (await fetch(`${url}/api/books?q=ELIOT`)).json()).toEqual({
      books: [{ slug: 'middlemarch', title: 'Middlemarch', author: 'George Eliot', cents: 1890 }],
    });
    const none = await fetch(`${url}/api/books/none`);
    expect([none.status, await none.json()]).toEqual([404, { error: 'there is no book none' }]);
  });

  it.skipIf(NO_BROWSER)('searches in a browser while one types, and leads to a book', async () => {
    const { page, complaints } = await openPage();
    await page.goto(url);
    const books = page.getByRole('listitem');
    expect(await books.count()).toBe(3);
    await page.getByRole('searchbox', { name: 'Search' }).fill('eliot');
    await expect.poll(() => books.allTextContents(), PATIENTLY).toEqual(['Middlemarch, George Eliot']);
    const font = await page.evaluate('getComputedStyle(document.body).fontFamily');
    expect(font).toContain('Georgia');
    await page.getByRole('link', { name: 'Middlemarch' }).click();
    await page.waitForURL(`${url}/api/books/middlemarch`);
    expect(await page.locator('body').textContent()).toContain('"cents": 1890');
    await page.goBack();
    await page.getByRole('heading', { name: 'Bookshop' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
