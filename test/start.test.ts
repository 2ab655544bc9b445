import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, copyFixture, projectOf, type Started, start, svc, temporaryFolder } from './support/cli.ts';

let project: string;
const started: Started[] = [];

beforeAll(async () => {
  project = await copyFixture('storefront');
  await build(project);
});
afterAll(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  await Promise.all(started.map(({ ended }) => ended));
});

interface Running extends Started {
  readonly url: string;
}

/** `svc start` on a port of the system's choice, once it says that it is up. */
async function run(
  cwd: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Running> {
  const program = start(['start', '--port', '0', ...args], { cwd, env });
  started.push(program);
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer) => {
      text += chunk;
      const [, found] = /(?:runs on |"urls":\[")(http:\/\/[^\s"]+)/.exec(text) ?? [];
      if (found) resolve(found);
    };
    program.child.stdout?.on('data', look);
    program.child.stderr?.on('data', look);
    void program.ended.then(end => reject(new Error(`svc start ended with ${end.code}: ${end.stderr}`)));
  });
  return { ...program, url };
}

/** What runs with this mark in its environment; every test starts svc with its own. */
function processesMarked(mark: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      try {
        const state = readFileSync(`/proc/${name}/stat`, 'latin1').replace(/^.*\) /s, '')[0];
        return state !== 'Z' && readFileSync(`/proc/${name}/environ`, 'latin1').includes(`MARK=${mark}\0`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function untilNoneIsMarked(mark: string): Promise<void> {
  while (processesMarked(mark).length > 0) await new Promise(setImmediate);
}

describe('the storefront, started', () => {
  it('answers by its public rules: the API, the documentation, the shop for the rest', async () => {
    const { url } = await run(project);
    const get = (path: string) => fetch(`${url}${path}`, { redirect: 'manual' });
    expect(await (await get('/api/health')).json()).toEqual({ ok: true, service: 'api' });
    expect((await get('/api/products/none')).status).toBe(404);
    expect(await (await get('/docs/guides/orders')).text()).toContain('we ship');
    for (const path of ['/', '/any/deep/link']) {
      const page = await get(path);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await page.text()).toContain('Storefront');
    }
    expect((await get('/api/health')).headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('reaches the search service through the API, and from outside in no way at all', async () => {
    const { url, child, ended } = await run(project, ['--usage', '--log', 'json']);
    const found = await (await fetch(`${url}/api/products?q=CHAIR`)).json();
    expect(found).toEqual([{ id: 'chair', name: 'Reading chair', price: 18900 }]);
    const word = fc.constantFrom(
      'search',
      'services',
      'functions',
      'index',
      '_svc',
      'api',
      'docs',
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '\\',
      '',
      'index.func',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 5 }),
        fc.constantFrom('', '?q=chair', '?service=search'),
        fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS'),
        fc.dictionary(
          fc.constantFrom(
            'x-vercel-service',
            'x-matched-path',
            'x-forwarded-host',
            'x-original-url',
            'x-middleware-rewrite',
            'x-svc-service',
          ),
          fc.constantFrom('search', '/search', 'search.localhost'),
        ),
        async (words, query, method, headers) => {
          const answer = await fetch(`${url}/${words.join('/')}${query}`, {
            method,
            headers,
            redirect: 'manual',
          });
          expect(await answer.text()).not.toContain('Reading chair');
        },
      ),
      { numRuns: 1000 },
    );
    child.kill('SIGTERM');
    const { stdout } = await ended;
    const requests = stdout
      .split('\n')
      .filter(line => line.startsWith('{"type":"request"'))
      .map(line => JSON.parse(line));
    const ofSearch = requests.filter(({ service }) => service === 'search');
    expect(ofSearch).toMatchObject([{ caller: 'api', target: '/search?q=CHAIR', status: 200 }]);
    expect(stdout).toMatch(/^api .* 1 to search$/m);
  });

  it('runs from an archive, and from the deployment alone', async () => {
    const folder = await temporaryFolder();
    await svc(['pack', project, '--file', 'shop.tgz'], { cwd: folder });
    await cp(join(project, '.vercel/output'), join(folder, 'copy'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    for (const argument of ['shop.tgz', 'copy']) {
      const { url } = await run(folder, [argument]);
      expect(await (await fetch(`${url}/api/products?q=chair`)).json()).toHaveLength(1);
    }
  });

  it('gives functions the variables of its own environment and of env files', async () => {
    const shop = await projectOf({
      'vercel.json': {
        services: { api: { root: 'api' } },
        rewrites: [{ source: '/(.*)', destination: { service: 'api' } }],
      },
      'api/server.mjs': 'export default (req, res) => res.end(process.env.GIVEN + process.env.DECLARED);',
      'secrets.env': 'DECLARED=file\n',
    });
    await build(shop);
    const { url } = await run(shop, ['--env-file', 'secrets.env'], { GIVEN: 'caller-' });
    expect(await (await fetch(url)).text()).toBe('caller-file');
  });
});

describe('stopping', () => {
  const CODE = `
    import { spawn } from 'node:child_process';
    spawn('setsid', ['sleep', '1000'], { detached: true, stdio: 'ignore' }).unref();
    process.on('SIGTERM', () => {});
    let finish;
    export default (req, res) => {
      if (req.url === '/finish') { res.write('here'); return req.resume().once('end', () => { finish(); res.end(); }); }
      if (req.url === '/wait') { res.write('begun'); finish = () => res.end(' and done'); return; }
      res.end('up');
    };`;
  let stubborn: string;

  beforeAll(async () => {
    stubborn = await projectOf({
      'vercel.json': {
        services: { api: { root: 'api' } },
        rewrites: [{ source: '/(.*)', destination: { service: 'api' } }],
      },
      'api/server.mjs': CODE,
    });
    await build(stubborn);
  });

  async function running(mark: string): Promise<Running> {
    const program = await run(stubborn, [], { MARK: mark });
    expect(await (await fetch(`${program.url}/up`)).text()).toBe('up');
    expect(processesMarked(mark).length).toBeGreaterThanOrEqual(3);
    return program;
  }

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('by %s lets a running request end, and leaves no process', async (signal, code) => {
    const { url, child, ended } = await running(signal);
    const response = await fetch(`${url}/wait`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader?.read()).toMatchObject({ value: 'begun' });
    const keptOpen = await openRequest(url, '/finish');
    child.kill(signal);
    keptOpen.end();
    expect(await reader?.read()).toMatchObject({ value: ' and done' });
    expect((await ended).code).toBe(code);
    expect(processesMarked(signal)).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('asked for twice, ends at once and leaves no process', async () => {
    const { url, child, ended } = await running('twice');
    const response = await fetch(`${url}/wait`);
    child.kill('SIGTERM');
    await refusedAt(url);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    await response.text().catch(() => undefined);
    await untilNoneIsMarked('twice');
  });

  it('by SIGKILL leaves no process and no taken port', async () => {
    const { url, child, ended } = await running('killed');
    child.kill('SIGKILL');
    await ended;
    await untilNoneIsMarked('killed');
    await refusedAt(url);
  });
});

describe('a call that cannot work', () => {
  it('says what to do', async () => {
    const folder = await temporaryFolder();
    const nothing = await svc(['start'], { cwd: folder });
    expect(nothing.code).not.toBe(0);
    const unbuilt = await projectOf({ 'vercel.json': { services: { a: { root: '.' } } } });
    const missing = await svc(['start'], { cwd: unbuilt });
    expect(missing).toMatchObject({ code: 40, stderr: expect.stringContaining('svc build') });
    expect((await svc(['start', '--port', 'x'], { cwd: folder })).code).toBe(2);
    expect((await svc(['start', '--log', 'xml'], { cwd: folder })).code).toBe(2);
  });

  it('names a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await svc(['start', '--port', String(port)], { cwd: project });
    expect(code).toBe(50);
    expect(stderr).toContain(`port ${port} is taken`);
    other.close();
  });
});

/** A request that the code has begun to answer, and whose end is yet to be sent. */
async function openRequest(url: string, path: string): Promise<ClientRequest> {
  const outgoing = request(`${url}${path}`, { agent: false, method: 'POST' });
  outgoing.on('error', () => undefined);
  outgoing.write(' ');
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.resume();
  return outgoing;
}

/** Until nothing listens any more. */
async function refusedAt(url: string): Promise<void> {
  for (;;) {
    try {
      await (await fetch(`${url}/up`, { headers: { connection: 'close' } })).text();
    } catch {
      return;
    }
  }
}
