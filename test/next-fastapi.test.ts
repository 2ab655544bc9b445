import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { SvcEvent } from '@svc/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundlePrograms, type Programs } from '../builders/node/test/support/build.ts';
import { type LaunchedFunction, launch } from '../builders/node/test/support/launch.ts';
import { describeService } from './recorded/describe-service.mjs';
import { NO_BROWSER } from './support/browser.ts';
import { REPOSITORY } from './support/cli.ts';
import { buildAndMove } from './support/deployed.ts';
import { startDeployment } from './support/running.ts';
import { expectRenewedTime, expectShopWindow } from './support/shop-window.ts';

interface Described {
  readonly config: { readonly routes: readonly object[]; readonly [key: string]: unknown };
  readonly functions: Readonly<Record<string, object>>;
  readonly prerenders: Readonly<Record<string, object>>;
  readonly files: readonly string[];
}

let events: readonly SvcEvent[];
let elsewhere: string;
let web: string;
let ours: Described;
let vendors: Described;
let programs: Programs;
const running: LaunchedFunction[] = [];

beforeAll(async () => {
  programs = await bundlePrograms();
  ({ deployment: elsewhere, events } = await buildAndMove('next-fastapi'));
  web = join(elsewhere, 'services/web');
  ours = await describeService(web);
  const recorded = join(REPOSITORY, 'test/recorded/vercel/next-fastapi.json');
  vendors = JSON.parse(await readFile(recorded, 'utf8')).web;
});
afterAll(async () => {
  await Promise.all(running.map(fn => fn.stop()));
  await rm(programs.folder, { recursive: true, force: true });
});

describe('a Next.js service, compared with what the vendor makes of it', () => {
  it('has the same routes', () => {
    expect(vendors.config.routes.length).toBeGreaterThan(30);
    expect(ours.config.routes).toEqual(vendors.config.routes);
  });

  it('has the same config.json otherwise', () => {
    expect(ours.config).toEqual(vendors.config);
  });

  it('has the same functions with the same settings, links for shared ones included', () => {
    expect(Object.keys(vendors.functions)).toContain('middleware');
    expect(ours.functions).toEqual(vendors.functions);
  });

  it('has the same prerendered pages', () => {
    expect(ours.prerenders).toEqual(vendors.prerenders);
  });

  it('has the same static files, but for the trace that Next.js leaves for the vendor', () => {
    expect(ours.files).toEqual(vendors.files.filter(path => !path.startsWith('static/_next/__private/')));
  });
});

async function boot(name: string, env: Record<string, string> = {}): Promise<string> {
  const launched = await launch(programs.launcher, join(web, `functions/${name}.func`), env);
  running.push(launched);
  return launched.origin;
}

describe('its functions, away from the checkout', () => {
  it('all start', async () => {
    const entries = await readdir(join(web, 'functions'), { recursive: true, withFileTypes: true });
    const names = entries
      .filter(entry => entry.isDirectory() && entry.name.endsWith('.func'))
      .map(entry =>
        join(entry.parentPath, entry.name).slice(join(web, 'functions').length + 1, -'.func'.length),
      )
      .filter(name => name !== 'middleware');
    expect(names.sort()).toEqual(['_global-error.rsc', 'api/hello', 'greet/[name]']);
    for (const name of names) expect((await fetch(`${await boot(name)}/nothing`)).status).toBeGreaterThan(0);
  });

  it('answer through a route handler', async () => {
    const origin = await boot('api/hello');
    expect(await (await fetch(`${origin}/api/hello?name=Ada`)).json()).toEqual({ hello: 'Ada' });
    const posted = await fetch(`${origin}/api/hello`, { method: 'POST', body: '{"a":1}' });
    expect([posted.status, await posted.json()]).toEqual([201, { got: { a: 1 } }]);
  });

  it('render a dynamic page', async () => {
    const origin = await boot('greet/[name]');
    const page = await (await fetch(`${origin}/greet/ada`, { headers: { 'accept-language': 'sv' } })).text();
    expect(page).toContain('Hello, <!-- -->ada');
    expect(page).toContain('<p id="language">sv</p>');
  });

  it('reach the other service by the variable of the binding, and read a file that was named to the tracer', async () => {
    const api = createServer((request, response) =>
      response.end(JSON.stringify([{ id: 1, name: request.url }])),
    );
    api.listen(0, '127.0.0.1');
    await once(api, 'listening');
    const { port } = api.address() as AddressInfo;
    const origin = await boot('stock', { API_URL: `http://127.0.0.1:${port}` });
    const page = await (await fetch(`${origin}/stock`)).text();
    api.close();
    expect(page).toContain('Counted on Monday');
    expect(page).toContain('<li>/backend/items</li>');
  });
});

it("installs once, and puts the builder into svc's own folder", () => {
  const labels = events.flatMap(event =>
    event.type === 'step.started' && event.service === 'web' ? [event.label] : [],
  );
  expect(labels).toEqual(['npm ci', 'install the builder @vercel/next@23.0.0', 'build with @vercel/next']);
});

describe('the deployment, started away from the checkout', () => {
  let site: string;
  beforeAll(async () => {
    site = (await startDeployment(elsewhere)).url;
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${site}${path}`, { headers, redirect: 'manual' });

  it('shows a static page, whose scripts are there, through the middleware', async () => {
    const home = await get('/');
    const text = await home.text();
    expect(text).toContain('<h1>Shop window</h1>');
    expect(home.headers.get('x-middleware')).toBe('seen');
    const [, script = ''] = /src="(\/_next\/static\/[^"]+\.js)"/.exec(text) ?? [];
    const answer = await get(script);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([
      200,
      'public,max-age=31536000,immutable',
    ]);
  });

  it('adds the header that the service has a rule for', async () => {
    expect((await get('/lamp.png')).headers.get('x-service')).toBe('web');
    expect((await get('/')).headers.get('x-service')).toBeNull();
  });

  it('renders a page for each request', async () => {
    const page = await (await get('/greet/ada', { 'accept-language': 'sv' })).text();
    expect(page).toContain('Hello, <!-- -->ada');
    expect(page).toContain('<p id="language">sv</p>');
  });

  it('gives the browser the parts of a page that it navigates to', async () => {
    for (const path of ['/about', '/greet/ada']) {
      const part = await get(path, { rsc: '1' });
      expect(part.headers.get('content-type'), path).toContain('text/x-component');
      expect(await part.text(), path).not.toContain('<html');
    }
  });

  it('makes a page anew when its time is over', async () => {
    const made = async () => /<time id="made">([^<]+)/.exec(await (await get('/time')).text())?.[1];
    const first = await made();
    expect(first).toMatch(/^\d{4}-/);
    await vi.waitFor(async () => expect(await made()).not.toBe(first), { timeout: 30_000, interval: 200 });
  });

  it('reaches the API through the binding, in a page and in a route handler', async () => {
    const stock = await (await get('/stock')).text();
    expect(stock).toContain('<li>lamp</li><li>chair</li><li>table</li>');
    expect(stock).toContain('Counted on Monday');
    expect(await (await get('/api/items/2')).json()).toEqual({ from: 'api', item: { id: 2, name: 'chair' } });
    const missing = await get('/api/items/9');
    expect([missing.status, await missing.json()]).toEqual([
      404,
      { from: 'api', item: { detail: 'no such item' } },
    ]);
  });

  it('answers through route handlers, rewrites and redirects', async () => {
    expect(await (await get('/api/hello?name=Ada')).json()).toEqual({ hello: 'Ada' });
    expect(await (await get('/hello')).json()).toEqual({ hello: 'world' });
    const posted = await fetch(`${site}/api/hello`, { method: 'POST', body: '{"a":1}' });
    expect([posted.status, await posted.json()]).toEqual([201, { got: { a: 1 } }]);
    const home = await get('/home');
    expect([home.status, home.headers.get('location')]).toEqual([308, '/']);
    const old = await get('/old-about');
    expect([old.status, new URL(old.headers.get('location') ?? '', site).pathname]).toEqual([307, '/about']);
  });

  it('leads to the FastAPI service where the public table says so, and its 404 is final', async () => {
    expect(await (await get('/backend/items/1')).json()).toEqual({ id: 1, name: 'lamp' });
    const missing = await get('/backend/nothing');
    expect([missing.status, await missing.json()]).toEqual([404, { detail: 'Not Found' }]);
  });

  it.skipIf(NO_BROWSER)('runs in a browser, which navigates without loading pages anew', () =>
    expectShopWindow(site),
  );

  it.skipIf(NO_BROWSER)('shows a browser the old page once more while the new one is made', () =>
    expectRenewedTime(site, web),
  );

  it('has an image in the size that was asked for, and a page for what is not there', async () => {
    const image = await get('/_next/image?url=%2Flamp.png&w=64&q=75', { accept: 'image/webp' });
    expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/webp']);
    const nothing = await get('/nothing/here');
    expect(nothing.status).toBe(404);
    expect(await nothing.text()).toContain('This page could not be found');
  });
});
