import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { SvcEvent } from '@svc/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { lockfile, manifest, SERVER } from '../builders/rust/test/support/programs.ts';
import { NO_BROWSER, openPage } from './support/browser.ts';
import { build, copyFixture, outputOf, projectOf, temporaryFolder } from './support/cli.ts';
import { startDeployment } from './support/running.ts';

const WITHOUT_RUST = spawnSync('cargo', ['--version']).status !== 0 && (process.env.CI ?? '') === '';

describe.skipIf(WITHOUT_RUST)('the shop in Rust', () => {
  let project: string;
  let elsewhere: string;
  let url: string;
  let compiled: readonly string[];
  beforeAll(async () => {
    project = await copyFixture('rust-axum');
    compiled = compiledIn(await build(project));
    elsewhere = join(await temporaryFolder(), 'deployment');
    await cp(join(project, '.vercel/output'), elsewhere, { recursive: true, verbatimSymlinks: true });
    await rename(project, `${project}.gone`);
    url = (await startDeployment(elsewhere)).url;
  }, 600_000);

  it('answers from a copy elsewhere', async () => {
    expect(compiled.length).toBeGreaterThan(10);
    const settings = await readFile(
      join(elsewhere, 'services/api/functions/rust.func/.vc-config.json'),
      'utf8',
    );
    expect(JSON.parse(settings)).toMatchObject({ runtimeLanguage: 'rust', memory: 256, maxDuration: 30 });
    expect(await (await fetch(url)).text()).toContain('Shop in Rust');
    expect(await (await fetch(`${url}/api/health`)).json()).toEqual({ ok: true, service: 'api' });
    expect(await (await fetch(`${url}/api/items/lamp`)).json()).toMatchObject({ name: 'Desk lamp' });
    expect((await fetch(`${url}/api/items/none`)).status).toBe(404);
    const order = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const total = await fetch(`${url}/api/total`, { ...order, body: '{"items":["lamp","chair"]}' });
    expect(await total.json()).toEqual({ cents: 23800 });
    expect((await fetch(`${url}/api/total`, { ...order, body: '{"items":["none"]}' })).status).toBe(422);
    const events = await fetch(`${url}/api/countdown`);
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    expect((await events.text()).match(/data: \d/g)).toEqual(['data: 3', 'data: 2', 'data: 1']);
  });

  it.skipIf(NO_BROWSER)('shows a browser what there is, and what is chosen costs together', async () => {
    const { page, complaints } = await openPage();
    await page.goto(url);
    await page.getByRole('heading', { name: 'Shop in Rust' }).waitFor();
    await page.getByLabel('Desk lamp: 49.00').check();
    await page.getByText('Together: 49.00').waitFor();
    await page.getByLabel('Reading chair: 189.00').check();
    await page.getByText('Together: 238.00').waitFor();
    expect(await page.getByRole('listitem').count()).toBe(3);
    expect(complaints).toEqual([]);
  });

  it('is rebuilt in part', { timeout: 600_000 }, async () => {
    await rename(`${project}.gone`, project);
    expect(compiledIn(await build(project))).toEqual([]);
  });
});

/** What cargo says that it compiles. */
function compiledIn(events: readonly SvcEvent[]): string[] {
  return outputOf(events, 'api:build:2').filter(line => line.includes('Compiling'));
}

describe.skipIf(WITHOUT_RUST)('two services of one cargo workspace', () => {
  it.each(['auto', 'copy', 'strict'])(
    'are built beside each other, unseen by each other: %s',
    async level => {
      const project = await projectOf({
        'vercel.json': {
          services: { one: { root: 'services/one' }, two: { root: 'services/two' } },
          rewrites: [
            { source: '/one', destination: { service: 'one' } },
            { source: '/two', destination: { service: 'two' } },
          ],
        },
        'Cargo.toml': '[workspace]\nresolver = "2"\nmembers = ["services/*"]\n',
        'Cargo.lock': lockfile('one', 'two'),
        'services/one/Cargo.toml': manifest('one'),
        'services/one/src/main.rs': SERVER.replace('"hello"', '"first"'),
        'services/two/Cargo.toml': manifest('two'),
        'services/two/src/main.rs': SERVER.replace('"hello"', '"second"'),
      });
      await build(project, ['--isolation', level]);
      const { url } = await startDeployment(join(project, '.vercel/output'));
      expect(await (await fetch(`${url}/one`)).text()).toMatch(/^first GET \/one/);
      expect(await (await fetch(`${url}/two`)).text()).toMatch(/^second GET \/two/);
      const program = readFileSync(
        join(project, '.vercel/output/services/one/functions/rust.func/user-server'),
      );
      expect(program.includes(project)).toBe(false);
    },
  );
});
