import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockfile, manifest, SERVER } from '../builders/rust/test/support/programs.ts';
import { build, copyFixture, outputOf, projectOf, temporaryFolder } from './support/cli.ts';
import { startDeployment } from './support/running.ts';

const WITHOUT_RUST = spawnSync('cargo', ['--version']).status !== 0 && (process.env.CI ?? '') === '';

describe.skipIf(WITHOUT_RUST)('the shop in Rust', () => {
  it('is built once, answers from a copy elsewhere, and is rebuilt in part', {
    timeout: 600_000,
  }, async () => {
    const project = await copyFixture('rust-axum');
    const first = outputOf(await build(project), 'api:build:2');
    expect(first.filter(line => line.includes('Compiling')).length).toBeGreaterThan(10);
    const elsewhere = join(await temporaryFolder(), 'deployment');
    await cp(join(project, '.vercel/output'), elsewhere, { recursive: true, verbatimSymlinks: true });
    await rename(project, `${project}.gone`);
    const settings = await readFile(
      join(elsewhere, 'services/api/functions/rust.func/.vc-config.json'),
      'utf8',
    );
    expect(JSON.parse(settings)).toMatchObject({ runtimeLanguage: 'rust', memory: 256, maxDuration: 30 });

    const { url } = await startDeployment(elsewhere);
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

    await rename(`${project}.gone`, project);
    const again = outputOf(await build(project), 'api:build:2');
    expect(again.filter(line => line.includes('Compiling'))).toEqual([]);
  });
});

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
