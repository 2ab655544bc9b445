import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { followLink, NO_BROWSER, openPage } from './support/browser.ts';
import { buildAndMove, type Moved } from './support/deployed.ts';
import { type Running, startDeployment } from './support/running.ts';
import { toolIsHere } from './support/tools.ts';

describe.skipIf(!toolIsHere('go', ['version']))('fixtures/next-go (needs go)', () => {
  let moved: Moved;
  let running: Running;
  beforeAll(async () => {
    moved = await buildAndMove('next-go');
    running = await startDeployment(moved.deployment);
  }, 600_000);
  const get = (path: string) => fetch(`${running.url}${path}`);

  it('serves the static page and its scripts', async () => {
    const page = await (await get('/')).text();
    expect(page).toContain('<h1>Quotes</h1>');
    const [, script = ''] = /src="(\/_next\/static\/[^"]+\.js)"/.exec(page) ?? [];
    expect((await get(script)).headers.get('content-type')).toContain('javascript');
  });

  it('renders a page with the price that the Go service tells it through the binding', async () => {
    expect(await (await get('/quotes/lamp')).text()).toContain('<p id="price">49.00</p>');
    expect(await (await get('/quotes/Chair')).text()).toContain('<p id="price">189.00</p>');
    expect((await get('/quotes/none')).status).toBe(404);
  });

  it.skipIf(NO_BROWSER)('navigates in a browser to the price, without loading a page anew', async () => {
    const { page, complaints } = await openPage();
    await page.goto(running.url);
    expect(await followLink(page, 'A lamp', /^lamp$/)).toBe(true);
    expect(page.url()).toBe(`${running.url}/quotes/lamp`);
    expect(await page.locator('#price').textContent()).toBe('49.00');
    await page.reload();
    expect(await page.locator('#price').textContent()).toBe('49.00');
    await page.goBack();
    await page.getByRole('heading', { name: 'Quotes' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('answers by gin where a rewrite leads to it, and nowhere else', async () => {
    expect(await (await get('/api/health')).json()).toEqual({ ok: true, service: 'api' });
    expect(await (await get('/api/quotes/lamp')).text()).not.toContain('cents');
  });

  it('finds the only program of the module, and gives its function the settings that name it', async () => {
    const settings = JSON.parse(
      await readFile(join(moved.deployment, 'services/api/functions/go.func/.vc-config.json'), 'utf8'),
    );
    expect(settings).toMatchObject({ runtime: 'executable', memory: 128, maxDuration: 15 });
  });
});
