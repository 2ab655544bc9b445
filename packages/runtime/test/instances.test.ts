import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { folderOf, isProblem, start, temporaryFolder, tryStart } from './support/deployment.ts';
import { nodeFunction } from './support/functions.ts';
import { ask, open, readAll } from './support/http.ts';

const PID =
  'export default (req, res) => { if (req.url === "/crash") process.exit(7); res.end(String(process.pid)); }';

/** Whether a process with this id runs, or has ended and was collected. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const [, state] = /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

describe('an instance', () => {
  it('is one for all requests at the same time, started by the first', async () => {
    const site = await start(nodeFunction(PID));
    expect(site.events).toEqual([]);
    const pids = await Promise.all(Array.from({ length: 20 }, () => ask(site.port, '/')));
    expect(new Set(pids.map(({ text }) => text)).size).toBe(1);
    expect(site.events.filter(({ type }) => type === 'function.started')).toHaveLength(1);
  });

  it('is up before the first request when that is asked for', async () => {
    const site = await start(nodeFunction(PID), { eager: true });
    expect(site.events).toMatchObject([{ type: 'function.started', name: 'index' }]);
  });

  it('is shared by the names that are links to one function', async () => {
    const files = nodeFunction(PID);
    const folder = await folderOf({
      ...files,
      'config.json': { version: 3, routes: [{ handle: 'filesystem' }] },
    });
    symlinkSync('index.func', join(folder, 'functions/other.func'));
    const started = await tryStart(folder);
    if (!('site' in started)) throw new Error('it did not start');
    expect((await ask(started.site.port, '/other')).text).toBe((await ask(started.site.port, '/')).text);
  });

  it('that crashes costs its request a 502 with an id, and the next one gets a new process', async () => {
    const site = await start(nodeFunction(PID));
    const first = await ask(site.port, '/');
    const crashed = await ask(site.port, '/crash');
    expect(crashed.status).toBe(502);
    const id = crashed.headers['x-vercel-id'];
    expect(crashed.text).toContain(String(id));
    const told = site.events.filter(isProblem).map(event => (event.type === 'problem' ? event.message : ''));
    expect(told.join('\n')).toMatch(
      new RegExp(`GET /crash was answered with 502: .*exit code 7 \\(${id}\\)`),
    );
    const next = await ask(site.port, '/');
    expect(next.status).toBe(200);
    expect(next.text).not.toBe(first.text);
  });

  it('that has ended a moment ago costs nobody anything who comes then', async () => {
    // Its output is held open by a process that nothing leads to, so svc takes it for alive until that has ended as well.
    const code = `
      import { spawn } from 'node:child_process';
      const holder = spawn('setsid', ['env', '-i', '/bin/sleep', '1000'], { stdio: ['ignore', 'inherit', 'inherit'] });
      export default async (req, res) => {
        let body = '';
        for await (const chunk of req) body += chunk;
        res.end([process.pid, holder.pid, body].join(' '));
      };`;
    const site = await start(nodeFunction(code));
    for (const options of [{}, { method: 'POST', body: 'said' }]) {
      const [pid, holder] = (await ask(site.port, '/')).text.split(' ').map(Number);
      process.kill(Number(pid), 'SIGKILL');
      await vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false));
      const answer = ask(site.port, '/', options);
      setTimeout(() => process.kill(Number(holder), 'SIGKILL'), 100);
      const { status, text } = await answer;
      expect([status, text.split(' ')[2]]).toEqual([200, options.body ?? '']);
    }
    process.kill(Number((await ask(site.port, '/')).text.split(' ')[1]), 'SIGKILL');
    expect(site.events.filter(isProblem)).toHaveLength(2);
  });

  it('leaves no socket behind when it crashes', async () => {
    const tmp = await temporaryFolder();
    vi.stubEnv('TMPDIR', tmp);
    onTestFinished(() => void vi.unstubAllEnvs());
    const site = await start(nodeFunction(PID));
    await ask(site.port, '/');
    const before = readdirSync(tmp, { recursive: true }).length;
    for (let n = 0; n < 3; n++) {
      await ask(site.port, '/crash');
      await ask(site.port, '/');
    }
    await vi.waitFor(() => expect(readdirSync(tmp, { recursive: true })).toHaveLength(before));
    await site.deployment.stop();
  });

  it('that does not come up is tried again, later each time, and never answers wrongly', async () => {
    const counter = join(await temporaryFolder(), 'count');
    const code = `
      import { appendFileSync, readFileSync } from 'node:fs';
      appendFileSync(${JSON.stringify(counter)}, 'x');
      if (readFileSync(${JSON.stringify(counter)}, 'utf8').length < 4) throw new Error('not yet');
      export default (req, res) => res.end('at last');`;
    const site = await start(nodeFunction(code));
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) statuses.push((await ask(site.port, '/')).status);
    expect(statuses).toEqual([502, 502, 502, 200]);
    expect(readFileSync(counter, 'utf8')).toBe('xxxx');
  });

  it('that takes longer than its maxDuration gives 504, and is replaced', async () => {
    const code = `export default (req, res) => { if (req.url === '/stuck') { while (true); } if (req.url !== '/slow') res.end(String(process.pid)); }`;
    const site = await start(nodeFunction(code, { maxDuration: 0.4 }));
    const first = await ask(site.port, '/');
    const slow = await ask(site.port, '/slow');
    expect(slow.status).toBe(504);
    expect(slow.headers['x-vercel-error']).toBe('FUNCTION_INVOCATION_TIMEOUT');
    const second = await ask(site.port, '/');
    expect(second.text).not.toBe(first.text);
    expect((await ask(site.port, '/stuck')).status).toBe(504);
    expect((await ask(site.port, '/')).status).toBe(200);
  });

  it('is found broken off by the client when its answer has begun', async () => {
    const code = 'export default (req, res) => { res.write("part"); setImmediate(() => process.exit(3)); }';
    const site = await start(nodeFunction(code));
    const { outgoing, response } = open(site.port, '/');
    outgoing.end();
    await expect(response.then(readAll)).rejects.toThrow('aborted');
    const told = await site.next(event => event.type === 'problem' && event.message.includes('broke off'));
    expect(JSON.stringify(told)).toContain('exit code 3');
  });
});

describe('stopping', () => {
  it('lets running requests end, takes no new ones, and ends the process', async () => {
    const code = `
      let finish;
      export default (req, res) => {
        if (req.url === '/wait') { res.write(String(process.pid)); finish = () => res.end(' done'); return; }
        res.write('here');
        req.resume().once('end', () => { finish(); res.end(); });
      };`;
    const site = await start(nodeFunction(code));
    const { outgoing, response } = open(site.port, '/wait');
    outgoing.end();
    const incoming = await response;
    const [pid] = (await once(incoming, 'data')) as [Buffer];
    incoming.pause();
    const finisher = open(site.port, '/finish', { method: 'POST' });
    finisher.outgoing.write(' ');
    const finished = await finisher.response;
    const stopped = site.deployment.stop();
    finisher.outgoing.end();
    await readAll(finished);
    expect((await readAll(incoming)).text).toBe(' done');
    await stopped;
    await expect(ask(site.port, '/')).rejects.toThrow('ECONNREFUSED');
    expect(isRunning(Number(pid))).toBe(false);
  });

  it('does not wait for ever for a request or for a process', async () => {
    const code = `process.on('SIGTERM', () => {}); export default (req, res) => { res.write(String(process.pid)); };`;
    const site = await start(nodeFunction(code), { drainTimeout: 50 });
    const { outgoing, response } = open(site.port, '/');
    outgoing.on('error', () => undefined);
    outgoing.end();
    const incoming = await response;
    incoming.on('error', () => undefined);
    const [pid] = (await once(incoming, 'data')) as [Buffer];
    await site.deployment.stop();
    expect(isRunning(Number(pid))).toBe(false);
  });

  it('ends what the code has started, also what has left its process group', async () => {
    const code = `
      import { spawn } from 'node:child_process';
      export default (req, res) => {
        const child = spawn('sh', ['-c', 'setsid sh -c "echo \\\\$\\\\$; exec sleep 1000" & wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
        child.unref();
        child.stdout.once('data', data => res.end(String(data)));
      };`;
    const site = await start(nodeFunction(code));
    const pid = Number((await ask(site.port, '/')).text);
    expect(isRunning(pid)).toBe(true);
    await site.deployment.stop();
    expect(isRunning(pid)).toBe(false);
  });

  it('leaves nothing in the folder for temporary files', async () => {
    const tmp = await temporaryFolder();
    const folder = await folderOf(nodeFunction(PID));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = tmp;
    try {
      const started = await tryStart(folder);
      if (!('site' in started)) throw new Error('it did not start');
      const { site } = started;
      await ask(site.port, '/');
      expect(readdirSync(tmp)).toHaveLength(1);
      await site.deployment.stop();
      expect(readdirSync(tmp)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });

  it('gives work in the background the time to end', async () => {
    const folder = await temporaryFolder();
    const code = `
      import { once } from 'node:events';
      import { watch } from 'node:fs';
      import { writeFile } from 'node:fs/promises';
      export default (req, res) => {
        const { waitUntil } = globalThis[Symbol.for('@vercel/request-context')].get();
        waitUntil(once(watch(${JSON.stringify(folder)}), 'change').then(() => writeFile(${JSON.stringify(join(folder, 'done'))}, '')));
        res.end('answered');
      };`;
    const site = await start(nodeFunction(code));
    expect((await ask(site.port, '/')).text).toBe('answered');
    const stopped = site.deployment.stop();
    writeFileSync(join(folder, 'go'), '');
    await stopped;
    expect(existsSync(join(folder, 'done'))).toBe(true);
  });
});

describe('the port', () => {
  it('is the next free one when the usual is taken, unless it was asked for', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const folder = await folderOf({ 'config.json': { version: 3 }, 'static/a.txt': 'a' });
    const refused = await tryStart(folder, { port, isPortFixed: true });
    expect(refused).toMatchObject({
      failures: [{ code: 'address-unavailable', message: `port ${port} is taken by another program` }],
    });
    const moved = await tryStart(folder, { port, isPortFixed: false });
    if (!('site' in moved)) throw new Error('it did not start');
    expect(moved.site.port).toBeGreaterThan(port);
    expect((await ask(moved.site.port, '/a.txt')).text).toBe('a');
    other.close();
  });

  it('is open on both loopback addresses, or on the one that was asked for', async () => {
    const folder = await folderOf({ 'config.json': { version: 3 }, 'static/a.txt': 'a' });
    const both = await tryStart(folder);
    if (!('site' in both)) throw new Error('it did not start');
    for (const host of ['127.0.0.1', '::1'])
      expect((await ask(both.site.port, '/a.txt', { host })).text).toBe('a');
    const refused = await tryStart(folder, { host: '203.0.113.7' });
    expect(refused).toMatchObject({ failures: [{ message: expect.stringContaining('no such address') }] });
  });
});

describe('what is no deployment', () => {
  it.each([
    [{ 'other.txt': 'x' }, 'deployment-not-found'],
    [{ 'config.json': '{' }, 'deployment-invalid'],
    [{ 'config.json': { version: 2 } }, 'deployment-invalid'],
    [{ 'config.json': { version: 3, services: [{ name: 'api' }] } }, 'deployment-invalid'],
    [{ 'config.json': { version: 3, services: [{ name: '../x' }] } }, 'deployment-invalid'],
    [{ 'config.json': { version: 3 }, 'functions/a.func/index.js': '' }, 'deployment-invalid'],
  ])('is refused: %j', async (files, code) => {
    expect(await tryStart(await folderOf(files))).toMatchObject({ failures: [{ code }] });
  });
});
