import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installVendorCli } from '../recorded/vendor-cli.mjs';
import { NO_BROWSER, openPage } from '../support/browser.ts';
import { copyFixture, REPOSITORY, temporaryFolder } from '../support/cli.ts';
import { startDeployment } from '../support/running.ts';
import { expectRenewedTime, expectShopWindow } from '../support/shop-window.ts';

const run = promisify(execFile);

/** What vitest sets for its tests would make the tools build for tests as well. */
const { NODE_ENV, VITEST, DEV, PROD, MODE, TEST, ...inherited } = process.env;

/** Tools tell nobody of this, and build for the platform although they are not on it. */
const ENV = {
  ...inherited,
  ASTRO_TELEMETRY_DISABLED: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
  VERCEL_TELEMETRY_DISABLED: '1',
  NITRO_PRESET: 'vercel',
  VERCEL: '1',
};

/** One of `projects/`, with its packages, in a folder of its own. */
async function installed(name: string): Promise<string> {
  const folder = join(await temporaryFolder(), name);
  await cp(join(REPOSITORY, 'test', 'outputs', 'projects', name), folder, { recursive: true });
  await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, env: ENV });
  return folder;
}

/** What its own tool builds. */
async function built(name: string): Promise<string> {
  const folder = await installed(name);
  await run('npm', ['run', 'build'], { cwd: folder, env: ENV, maxBuffer: 64 * 1024 ** 2 });
  return folder;
}

const heading = (text: string) => /<h1>([^<]*)/.exec(text)?.[1];

/** Asks until the answer is of that kind: a page is made anew in the background, in its own time. */
async function until(url: string, state: string): Promise<string> {
  for (;;) {
    const answer = await fetch(url);
    const text = await answer.text();
    if (answer.headers.get('x-vercel-cache') === state) return text;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** A page that may be 2 seconds old: first made, then served, then served while the next is made. */
async function expectRenewal(url: string): Promise<void> {
  const first = await (await fetch(url)).text();
  const kept = await fetch(url);
  expect(await kept.text()).toBe(first);
  expect(await until(url, 'STALE')).toBe(first);
  expect(await until(url, 'HIT')).not.toBe(first);
}

describe('the output of', () => {
  it('SvelteKit: pages, prerendered, renewed and at the edge', async () => {
    const { url } = await startDeployment(await built('sveltekit'));
    expect(await (await fetch(url)).text()).toContain('svelte home');
    expect(await (await fetch(`${url}/about`)).text()).toContain('svelte about');
    expect(await (await fetch(`${url}/edge`)).text()).toBe('edge string');
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    await expectRenewal(`${url}/isr`);
    if (NO_BROWSER) return;
    const { page, complaints } = await openPage();
    await page.goto(url);
    await page.getByRole('link', { name: 'about' }).click();
    await page.getByRole('heading', { name: 'svelte about' }).waitFor();
    expect(complaints.filter(text => !text.includes('404'))).toEqual([]);
  });

  it('Astro: pages, prerendered and renewed, with middleware at the edge', async () => {
    const { url } = await startDeployment(await built('astro'));
    expect(heading(await (await fetch(url)).text())).toBe('astro home');
    const rendered = await fetch(`${url}/ssr`);
    expect(heading(await rendered.text())).toMatch(/^ssr \d+$/);
    expect(rendered.headers.get('x-from-middleware')).toBe('yes');
    await expectRenewal(`${url}/isr`);
  });

  it('Nitro: handlers, files, rules and renewed answers', async () => {
    const { url } = await startDeployment(await built('nitro'));
    expect(await (await fetch(url)).json()).toEqual({ hello: 'nitro' });
    expect(await (await fetch(`${url}/file.txt`)).text()).toBe('public file\n');
    const posted = await fetch(`${url}/post`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect(await posted.json()).toEqual({ got: { a: 1 } });
    const moved = await fetch(`${url}/old`, { redirect: 'manual' });
    expect(moved.headers.get('location')).toBe('/');
    await expectRenewal(`${url}/isr`);
  });

  it('Nuxt: pages rendered, prerendered and renewed, and its API', async () => {
    const { url } = await startDeployment(await built('nuxt'));
    for (const [path, text] of [
      ['/', 'nuxt home'],
      ['/about', 'nuxt about'],
      ['/static', 'nuxt static'],
    ] as const) {
      expect(await (await fetch(url + path)).text()).toContain(text);
    }
    expect(await (await fetch(`${url}/api/hi`)).json()).toEqual({ hi: 1 });
    await expectRenewal(`${url}/isr`);
    if (NO_BROWSER) return;
    const { page } = await openPage();
    await page.goto(url);
    await page.getByRole('link', { name: 'about' }).click();
    await page.getByRole('heading', { name: 'nuxt about' }).waitFor();
  });

  it("the vendor's CLI for Next.js: renewal by time, by path and by token, drafts, middleware, images", async () => {
    const { url } = await startDeployment(await vendorBuilt());
    const page = async (path: string, init?: RequestInit) => {
      const answer = await fetch(url + path, { redirect: 'manual', ...init });
      return { answer, state: answer.headers.get('x-vercel-cache'), text: await answer.text() };
    };
    await expectRenewal(`${url}/isr`);

    const made = await page('/blog/two');
    expect(made.state).toBe('MISS');
    expect((await page('/blog/two')).text).toBe(made.text);
    await page('/api/revalidate?path=/blog/two');
    const changed = await page('/blog/two');
    expect(changed.state).toBe('MISS');
    expect(changed.text).not.toBe(made.text);

    const built = await page('/props/static');
    expect(built.state).toBe('PRERENDER');
    expect((await page('/api/revalidate-pages?path=/props/static')).text).toBe('{"ok":true}');
    const renewed = await page('/props/static');
    expect(renewed.text).not.toBe(built.text);

    const [cookie = ''] = (await page('/api/draft')).answer.headers
      .getSetCookie()
      .map(each => each.split(';')[0] ?? '');
    const draft = await page('/props/static', { headers: { cookie } });
    expect(draft.state).toBe('BYPASS');
    expect(draft.text).toContain('true</h1>');

    const about = await page('/about');
    expect(about.text).toContain('<h1>about <!-- -->yes</h1>');
    expect(about.answer.headers.getSetCookie()).toEqual(['one=1; Path=/', 'two=2; Path=/']);
    expect((await page('/mw/redirect')).answer.headers.get('location')).toBe(`${url}/about`);
    expect((await page('/mw/answer')).answer.status).toBe(418);
    expect(JSON.parse((await page('/api/edge?q=1')).text)).toMatchObject({ edge: 'string', q: '1' });
    const posted = await page('/api/time', { method: 'POST', body: 'hello' });
    expect(posted.text).toBe('{"body":"hello"}');
    const image = await page('/_next/image?url=%2Fdot.png&w=64&q=75', { headers: { accept: 'image/webp' } });
    expect(image.answer.headers.get('content-type')).toBe('image/webp');

    if (NO_BROWSER) return;
    const { page: tab, complaints } = await openPage();
    await tab.goto(url);
    // State that only a navigation without loading the page anew keeps.
    await tab.evaluate('globalThis.isSamePage = true');
    await tab.getByRole('button', { name: 'count 0' }).click();
    await tab.getByRole('button', { name: 'count 1' }).waitFor();
    await tab.getByRole('link', { name: 'one' }).click();
    await tab.getByRole('heading', { name: 'post one' }).waitFor();
    expect(await tab.evaluate('globalThis.isSamePage')).toBe(true);
    expect(complaints.filter(text => !text.includes('404'))).toEqual([]);
  });

  it.skipIf(NO_BROWSER)("the vendor's CLI for fixtures/next-fastapi, in a browser", async () => {
    const folder = await vendorBuiltShopWindow();
    const { url } = await startDeployment(folder, [], { API_URL: await startItems() });
    await expectShopWindow(url);
    await expectRenewedTime(url, join(folder, '.vercel/output/services/web'));
  });
});

/** Its files stay in the checkout, where the output names them. */
async function vendorBuilt(): Promise<string> {
  const folder = await installed('next');
  await buildWithVendor(folder, 'nextjs');
  return folder;
}

/** The Next.js service of fixtures/next-fastapi alone, since the vendor's CLI wants a newer Python than may be here. */
async function vendorBuiltShopWindow(): Promise<string> {
  const folder = await copyFixture('next-fastapi');
  const file = join(folder, 'vercel.json');
  const { services } = JSON.parse(await readFile(file, 'utf8'));
  const { bindings, ...web } = services.web;
  const rewrites = [{ source: '/(.*)', destination: { service: 'web' } }];
  await writeFile(file, JSON.stringify({ services: { web }, rewrites }));
  await buildWithVendor(folder, 'services');
  return folder;
}

let tool: Promise<string> | undefined;

/** `vercel build`, without an account: the project is linked to one that does not exist. */
async function buildWithVendor(folder: string, framework: string): Promise<void> {
  tool ??= temporaryFolder().then(async place => {
    await installVendorCli(place);
    return place;
  });
  const place = await tool;
  await mkdir(join(folder, '.vercel'));
  const project = { projectId: 'prj_x', orgId: 'team_x', settings: { framework } };
  await writeFile(join(folder, '.vercel', 'project.json'), JSON.stringify(project));
  const { VERCEL, NITRO_PRESET, ...env } = ENV;
  await run(join(place, 'node_modules', '.bin', 'vercel'), ['build', '--yes'], {
    cwd: folder,
    env,
    maxBuffer: 64 * 1024 ** 2,
  });
}

/** Stands in for the API, which the binding of the web service leads to. */
async function startItems(): Promise<string> {
  const names = ['lamp', 'chair', 'table'];
  const server = createServer((request, response) => {
    const items = names.map((name, at) => ({ id: at + 1, name }));
    response.end(JSON.stringify(request.url === '/backend/items' ? items : null));
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
