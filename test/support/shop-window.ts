import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { followLink, openPage, PATIENTLY, staysOnPage } from './browser.ts';

/** What a visitor sees of the pages of fixtures/next-fastapi, whoever has built them: code runs, images load, links navigate. */
export async function expectShopWindow(url: string): Promise<void> {
  const { page, complaints } = await openPage();
  await page.goto(url);
  await page.getByRole('heading', { name: 'Shop window' }).waitFor();
  const image = page.getByRole('img', { name: 'A lamp' });
  await expect
    .poll(
      () => image.evaluate(element => (element as unknown as { naturalWidth: number }).naturalWidth),
      PATIENTLY,
    )
    .toBeGreaterThan(0);
  // The count is in React's hands only once its code has run.
  await page.getByRole('button', { name: 'Clicked 0' }).click();
  await page.getByRole('button', { name: 'Clicked 1' }).waitFor();

  expect(await followLink(page, 'About', 'About us')).toBe(true);
  expect(page.url()).toBe(`${url}/about`);
  expect(await page.locator('#path').textContent()).toBe('/about');
  expect(await followLink(page, 'Ada', 'Hello, ada')).toBe(true);
  expect(await page.locator('#language').textContent()).toContain('en');
  const back = await staysOnPage(
    page,
    () => page.goBack(),
    () => page.getByRole('heading', { name: 'About us' }).waitFor(),
  );
  expect(back).toBe(true);
  // The same page comes as a document when it is asked for by its address, through the middleware's redirect.
  await page.goto(`${url}/old-about`);
  await page.getByRole('heading', { name: 'About us' }).waitFor();
  expect(page.url()).toBe(`${url}/about`);

  await page.goto(`${url}/stock`);
  await page.getByText('Counted on Monday').waitFor();
  expect(await page.getByRole('listitem').allTextContents()).toEqual(['lamp', 'chair', 'table']);
  expect(complaints).toEqual([]);
  await page.close();
}

/**
 * What a visitor sees of `/time`, which may be a second old: past that it is shown once more as it was, and then anew; and
 * after its renewal was asked for, nobody sees the old one.
 *
 * @param service the service's part of the deployment, which has the token that asks for renewal.
 */
export async function expectRenewedTime(url: string, service: string): Promise<void> {
  const { page, complaints } = await openPage();
  await page.goto(`${url}/time`);
  let old = await visit(page);
  while (old.state !== 'STALE') old = await visit(page);
  expect(old.shownAt - old.made).toBeGreaterThanOrEqual(1000);
  await expect.poll(async () => (await visit(page)).made, PATIENTLY).toBeGreaterThan(old.made);

  const config = await readFile(join(service, 'functions/time.prerender-config.json'), 'utf8');
  const { bypassToken } = JSON.parse(config) as { readonly bypassToken: string };
  const demanded = Date.now();
  const answer = await fetch(`${url}/time`, {
    method: 'HEAD',
    headers: { 'x-prerender-revalidate': bypassToken },
  });
  expect(answer.headers.get('x-vercel-cache')).toBe('REVALIDATED');
  expect((await visit(page)).made).toBeGreaterThanOrEqual(demanded);
  expect(complaints).toEqual([]);
  await page.close();
}

interface Shown {
  /** When the page says that it was made, and when it was there; milliseconds since 1970. */
  readonly made: number;
  readonly shownAt: number;
  /** How svc came by it. */
  readonly state: string | undefined;
}

/** Loads the page anew. */
async function visit(page: Page): Promise<Shown> {
  const response = await page.reload();
  return {
    shownAt: Date.now(),
    made: Date.parse((await page.locator('#made').textContent()) ?? ''),
    state: response?.headers()['x-vercel-cache'],
  };
}
