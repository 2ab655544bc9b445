import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { followLink, NO_BROWSER, openPage, PATIENTLY } from './support/browser.ts';
import { buildAndMove, type Moved } from './support/deployed.ts';
import { type Running, startDeployment } from './support/running.ts';
import { toolIsHere } from './support/tools.ts';

const TOOLS = { python3: '--version', go: 'version', cargo: '--version', docker: 'version' };
const missing = Object.entries(TOOLS).flatMap(([tool, arg]) => (toolIsHere(tool, [arg]) ? [] : [tool]));
const reason = missing.length > 0 ? ` (skipped: needs ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`fixtures/all-languages${reason}`, () => {
  let moved: Moved;
  let running: Running;
  beforeAll(async () => {
    moved = await buildAndMove('all-languages');
    running = await startDeployment(moved.deployment);
  }, 900_000);
  const get = (path: string) => fetch(`${running.url}${path}`, { redirect: 'manual' });

  it('is one deployment of nine services, made in one run', () => {
    const finished = moved.events.flatMap(event =>
      event.type === 'service.finished' ? [event.service] : [],
    );
    expect(finished.sort()).toEqual([
      'admin',
      'api',
      'board',
      'catalog',
      'docs',
      'prices',
      'stock',
      'tax',
      'web',
    ]);
  });

  it('installs once for the three services of the npm workspace', () => {
    const installs = moved.events.flatMap(event =>
      event.type === 'step.started' && event.step.startsWith('install') ? [event.services] : [],
    );
    expect(installs).toEqual([['web', 'board', 'api']]);
  });

  it('quotes a price that goes through Node, Python, Go, Rust and a container', async () => {
    const answer = await get('/api/quotes/lamp');
    expect(await answer.json()).toEqual({
      product: 'lamp',
      cents: 5880,
      via: ['api', 'catalog', 'prices', 'stock', 'tax'],
    });
    expect((await get('/api/quotes/none')).status).toBe(404);
  });

  it('renders that price in a page of Next.js, beside a static page', async () => {
    expect(await (await get('/')).text()).toContain('<h1>Every language</h1>');
    const page = await (await get('/quotes/chair')).text();
    expect(page).toContain('<p id="price">226.80</p>');
    expect(page.replaceAll('&gt;', '>')).toContain('web > api > catalog > prices > stock > tax');
    expect((await get('/quotes/none')).status).toBe(404);
  });

  it('answers by Django, to the public and to the API', async () => {
    expect(await (await get('/admin/')).text()).toContain('<li>Grace</li>');
    expect(await (await get('/api/staff')).json()).toEqual({ staff: ['Ada', 'Grace'] });
  });

  it('serves the pages of Vite and the handwritten ones below their prefixes', async () => {
    const page = await (await get('/board/')).text();
    const [, script = ''] = /src="(\/board\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    expect(await (await get(script)).text()).toContain('/api/quotes/');
    expect(await (await get('/docs/chain')).text()).toContain('stock asks tax');
  });

  it.skipIf(NO_BROWSER)('leads a browser from Next.js to Vite and to the handwritten pages', async () => {
    const { page, complaints } = await openPage();
    await page.goto(running.url);
    expect(await followLink(page, 'What does a lamp cost?', /^lamp$/)).toBe(true);
    expect(await page.locator('#price').textContent()).toBe('58.80');
    expect(await page.locator('#via').textContent()).toBe('web > api > catalog > prices > stock > tax');
    await page.goBack();
    await page.getByRole('link', { name: 'The board' }).click();
    // Made in the browser, of what the whole chain of services says.
    const prices = page.getByRole('listitem');
    await expect
      .poll(() => prices.allTextContents(), PATIENTLY)
      .toEqual([
        'lamp: 58.80 (api > catalog > prices > stock > tax)',
        'chair: 226.80 (api > catalog > prices > stock > tax)',
        'shelf: 94.80 (api > catalog > prices > stock > tax)',
      ]);
    await page.goBack();
    await page.getByRole('link', { name: 'Documentation' }).click();
    await page.getByRole('link', { name: 'How a price comes about' }).click();
    await page.getByText('stock asks tax').waitFor();
    await page.goto(`${running.url}/admin/`);
    expect(await page.getByRole('listitem').allTextContents()).toEqual(['Ada', 'Grace']);
    expect(complaints).toEqual([]);
  });

  it('has no public way to the services without a rewrite', async () => {
    for (const path of ['/prices/lamp', '/stock/lamp?cents=1', '/tax/100', '/products/lamp']) {
      const answer = await get(path);
      expect(answer.status, path).toBe(404);
      expect(await answer.text(), path).not.toContain('"via"');
    }
  });

  it('holds a function for each language, with its runtime', async () => {
    const runtime = async (path: string) => {
      const file = join(moved.deployment, 'services', path, '.vc-config.json');
      return (JSON.parse(await readFile(file, 'utf8')) as { runtime: string }).runtime;
    };
    expect(await runtime('api/functions/index.func')).toMatch(/^nodejs/);
    expect(await runtime('catalog/functions/fastapi.func')).toMatch(/^python3/);
    expect(await runtime('admin/functions/django.func')).toMatch(/^python3/);
    expect(await runtime('prices/functions/go.func')).toBe('executable');
    expect(await runtime('stock/functions/rust.func')).toBe('executable');
    expect(await runtime('tax/functions/container.func')).toBe('container');
  });
});
