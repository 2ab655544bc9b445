import { once } from 'node:events';
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { SvcEvent } from '@svc/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePrograms, type Programs } from '../builders/node/test/support/build.ts';
import { type LaunchedFunction, launch } from '../builders/node/test/support/launch.ts';
import { describeService } from './recorded/describe-service.mjs';
import { build, copyFixture, REPOSITORY, temporaryFolder } from './support/cli.ts';

interface Described {
  readonly config: { readonly routes: readonly object[]; readonly [key: string]: unknown };
  readonly functions: Readonly<Record<string, object>>;
  readonly prerenders: Readonly<Record<string, object>>;
  readonly files: readonly string[];
}

let events: SvcEvent[];
let web: string;
let ours: Described;
let vendors: Described;
let programs: Programs;
const running: LaunchedFunction[] = [];

beforeAll(async () => {
  programs = await bundlePrograms();
  const project = await copyFixture('next-fastapi');
  events = await build(project);
  const elsewhere = join(await temporaryFolder(), 'deployment');
  await cp(join(project, '.vercel/output'), elsewhere, { recursive: true, verbatimSymlinks: true });
  // Functions must find nothing of the checkout that made them.
  await rename(project, `${project}.gone`);
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
