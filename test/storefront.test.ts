import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeploymentManifest, SvcEvent } from '@svc/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePrograms, type Programs } from '../builders/node/test/support/build.ts';
import { type LaunchedFunction, launch } from '../builders/node/test/support/launch.ts';
import { build, copyFixture, svc, temporaryFolder } from './support/cli.ts';

let project: string;
let events: SvcEvent[];
let elsewhere: string;
let programs: Programs;
const running: LaunchedFunction[] = [];

beforeAll(async () => {
  programs = await bundlePrograms();
  project = await copyFixture('storefront');
  events = await build(project);
  elsewhere = join(await temporaryFolder(), 'deployment');
  await cp(join(project, '.vercel/output'), elsewhere, { recursive: true, verbatimSymlinks: true });
  // Functions must find nothing of the checkout that made them.
  await rename(project, `${project}.gone`);
});
afterAll(async () => {
  await Promise.all(running.map(fn => fn.stop()));
  await rm(programs.folder, { recursive: true, force: true });
});

async function boot(service: string, env: Record<string, string> = {}): Promise<string> {
  const launched = await launch(
    programs.launcher,
    join(elsewhere, 'services', service, 'functions/index.func'),
    env,
  );
  running.push(launched);
  return launched.origin;
}

describe('the storefront', () => {
  it('installs once for the three services of the workspace', () => {
    const installs = events.filter(
      event => event.type === 'step.started' && event.step.startsWith('install'),
    );
    expect(installs).toMatchObject([{ services: ['web', 'api', 'search'], label: 'npm ci' }]);
  });

  it('routes the public paths in the order of the configuration', async () => {
    const config = JSON.parse(await readFile(join(elsewhere, 'config.json'), 'utf8'));
    expect(config.version).toBe(3);
    expect(config.services.map(({ name }: { name: string }) => name)).toEqual([
      'web',
      'api',
      'search',
      'docs',
    ]);
    const targets = config.routes.flatMap((route: { destination?: { service: string } }) =>
      route.destination ? [route.destination.service] : [],
    );
    expect(targets).toEqual(['api', 'docs', 'web']);
  });

  it('has a page that loads the bundle that Vite made', async () => {
    const page = await readFile(join(elsewhere, 'services/web/static/index.html'), 'utf8');
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    expect(await readFile(join(elsewhere, 'services/web/static', script), 'utf8')).toContain('Storefront');
  });

  it('publishes the documentation under clean URLs', async () => {
    const config = JSON.parse(await readFile(join(elsewhere, 'services/docs/config.json'), 'utf8'));
    expect(config.overrides).toMatchObject({ 'guides/orders.html': { path: 'guides/orders' } });
    expect(await readFile(join(elsewhere, 'services/docs/static/guides/orders.html'), 'utf8')).toContain(
      'we ship',
    );
  });

  it('answers through the Express API, with the shared package and with the search service behind a binding', async () => {
    const alone = await boot('api');
    expect(await (await fetch(`${alone}/api/health`)).json()).toEqual({ ok: true, service: 'api' });
    expect(await (await fetch(`${alone}/api/products/lamp`)).json()).toMatchObject({ name: 'Desk lamp' });
    expect((await fetch(`${alone}/api/products/none`)).status).toBe(404);
    const search = await boot('search');
    expect(await (await fetch(`${search}/search?q=shelf`)).json()).toHaveLength(1);
    const bound = await boot('api', { SEARCH_URL: `${search}/` });
    expect(await (await fetch(`${bound}/api/products?q=CHAIR`)).json()).toEqual([
      { id: 'chair', name: 'Reading chair', price: 18900 },
    ]);
  });

  it('carries the settings of its functions', async () => {
    const settings = JSON.parse(
      await readFile(join(elsewhere, 'services/search/functions/index.func/.vc-config.json'), 'utf8'),
    );
    expect(settings).toMatchObject({ memory: 512, maxDuration: 10, launcherType: 'Nodejs' });
  });
});

describe('reproducibility', () => {
  it('gives the same tree in another folder, at another time, under another umask, time zone and locale', async () => {
    const first = await manifestOf(elsewhere);
    const clone = join(await temporaryFolder(), 'some', 'other place', 'shop');
    await cp(`${project}.gone`, clone, {
      recursive: true,
      filter: path => !/(^|\/)(\.svc|\.vercel)$/.test(path),
    });
    execFileSync('/bin/sh', ['-c', `find . -exec touch -d '2001-02-03' {} + && chmod -R go-rwx .`], {
      cwd: clone,
    });
    const env = { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' };
    const previous = process.umask(0o077);
    await build(clone, [], env).finally(() => process.umask(previous));
    const second = await manifestOf(join(clone, '.vercel/output'));
    expect(differences(first, second)).toEqual([]);
    expect(second.tree).toBe(first.tree);
    expect(second.id).toBe(first.id);
  });

  it('packs to the same bytes 20 times, verifies, and unpacks to the same tree', async () => {
    const folder = await temporaryFolder();
    const digests = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const { code, stderr } = await svc(['pack', elsewhere, '--file', `${n}.tgz`], {
        cwd: folder,
        env: { TZ: n % 2 ? 'Asia/Tokyo' : 'UTC' },
      });
      expect(code, stderr).toBe(0);
      digests.add(
        createHash('sha256')
          .update(await readFile(join(folder, `${n}.tgz`)))
          .digest('hex'),
      );
    }
    expect(digests.size).toBe(1);
    expect((await svc(['verify', '0.tgz'], { cwd: folder })).code).toBe(0);
    expect((await svc(['unpack', '0.tgz', 'copy'], { cwd: folder })).code).toBe(0);
    expect((await svc(['verify', 'copy'], { cwd: folder })).code).toBe(0);
    expect((await manifestOf(join(folder, 'copy'))).tree).toBe((await manifestOf(elsewhere)).tree);
  });
});

async function manifestOf(directory: string): Promise<DeploymentManifest> {
  return JSON.parse(await readFile(join(directory, 'deployment.json'), 'utf8'));
}

function differences(a: DeploymentManifest, b: DeploymentManifest): string[] {
  const paths = new Set([...Object.keys(a.files), ...Object.keys(b.files)]);
  return [...paths].filter(path => JSON.stringify(a.files[path]) !== JSON.stringify(b.files[path]));
}
