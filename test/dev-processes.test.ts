import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { projectOf, REPOSITORY, svc } from './support/cli.ts';
import { dev, isOpen, processesWith, until } from './support/dev.ts';

/** A service that answers, tells its port, and is hard to stop in a way that its name says. */
function nastyProject(mark: string) {
  const server = (before: string) => `
    import { createServer } from 'node:http';
    import { spawn } from 'node:child_process';
    ${before}
    createServer((_, response) => response.end(process.env.PORT)).listen(process.env.PORT);
  `;
  return projectOf({
    'vercel.json': {
      services: {
        deaf: { root: 'deaf', devCommand: `node server.mjs ${mark}` },
        forks: { root: 'forks', devCommand: `node server.mjs ${mark}` },
        sessions: { root: 'sessions', devCommand: `node server.mjs ${mark}` },
      },
      rewrites: ['deaf', 'forks', 'sessions'].map(service => ({
        source: `/${service}`,
        destination: { service },
      })),
    },
    'deaf/server.mjs': server(
      `for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => undefined);`,
    ),
    // Forks twice, so that nobody is the parent of what stays.
    'forks/server.mjs': server(
      `spawn('sh', ['-c', '(trap "" TERM HUP INT; exec tail -f /dev/null ${mark}) & exit 0'], { stdio: 'ignore' });`,
    ),
    'sessions/server.mjs': server(
      `spawn('setsid', ['sh', '-c', 'trap "" TERM HUP; tail -f /dev/null ${mark} & wait'], { stdio: 'ignore', detached: true }).unref();`,
    ),
  });
}

const NAMES = ['deaf', 'forks', 'sessions'];

async function startNasty() {
  const mark = `nasty-${randomBytes(6).toString('hex')}`;
  const folder = await nastyProject(mark);
  const running = await dev(folder);
  await Promise.all(NAMES.map(name => running.ready(name)));
  // Three servers, what they left behind, and the shells between.
  await until(() => processesWith(`/dev/null ${mark}`).length >= 2);
  const ports = await Promise.all(NAMES.map(name => running.text(`/${name}`)));
  return { mark, folder, running, ports: [...ports.map(Number), running.port] };
}

async function expectNothingLeft({ mark, ports }: { mark: string; ports: readonly number[] }): Promise<void> {
  await until(() => processesWith(mark).length === 0);
  expect(await Promise.all(ports.map(isOpen))).toEqual(ports.map(() => false));
}

describe.runIf(process.platform === 'linux')('stopping', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s leaves nothing and ends with %d', async (signal, code) => {
    const started = await startNasty();
    const ended = await started.running.stop(signal);
    expect(ended).toMatchObject({ code, signal: null });
    await expectNothingLeft(started);
    expect(existsSync(join(started.folder, '.svc', 'dev.lock'))).toBe(false);
  });

  it('by SIGKILL leaves nothing, and the checkout is free for the next', async () => {
    const started = await startNasty();
    const ended = await started.running.stop('SIGKILL');
    expect(ended.signal).toBe('SIGKILL');
    await expectNothingLeft(started);
    const next = await dev(started.folder);
    await next.ready('deaf');
    expect((await next.stop('SIGTERM')).code).toBe(143);
  });

  it('by closing its terminal leaves nothing and ends with 129', async () => {
    const mark = `nasty-${randomBytes(6).toString('hex')}`;
    const folder = await nastyProject(mark);
    const ended = await inTerminal(folder, 'close');
    expect(ended.code).toBe(129);
    await until(() => processesWith(mark).length === 0);
  });

  it('by the end of the package manager that runs it leaves nothing, although nobody tells it', async () => {
    const mark = `nasty-${randomBytes(6).toString('hex')}`;
    const folder = await nastyProject(mark);
    const program = join(REPOSITORY, 'packages', 'cli', 'bin', 'svc.js');
    // As npm does: a shell in between, which takes a signal for itself.
    const shell = spawn('sh', ['-c', `"${process.execPath}" "${program}" dev --port 0; true`], {
      cwd: folder,
      env: { ...process.env, npm_execpath: '/usr/lib/npm-cli.js' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    shell.stdout.on('data', chunk => (text += chunk));
    await until(() => text.includes('all services are ready'));
    shell.kill('SIGTERM');
    await until(() => processesWith(mark).length === 0);
    await until(() => !existsSync(join(folder, '.svc', 'dev.lock')));
  });

  it('by Ctrl-C and by q on a terminal', async () => {
    const mark = `nasty-${randomBytes(6).toString('hex')}`;
    const folder = await nastyProject(mark);
    expect((await inTerminal(folder, '\u0003')).code).toBe(130);
    const quit = await inTerminal(folder, 'hq');
    expect(quit.code).toBe(0);
    expect(quit.screen).toContain('restart all services');
    // Colours, and the service's name before its line.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escapes
    expect(quit.screen).toMatch(/\u001b\[\d+m\[deaf\]\u001b\[39m/);
    await until(() => processesWith(mark).length === 0);
  });
});

/** Runs svc dev on a terminal of its own, presses keys when all services are ready (or closes it), and waits for its end. */
function inTerminal(folder: string, keys: string): Promise<{ code: number; screen: string }> {
  const program = `
import os, pty, sys, signal
keys = sys.argv[1]
pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
screen = b""
while screen.count(b"ready after") < ${NAMES.length}:
    screen += os.read(master, 65536)
if keys == "close":
    os.close(master)
else:
    for key in keys:
        os.write(master, key.encode())
    try:
        while True:
            part = os.read(master, 65536)
            if not part: break
            screen += part
    except OSError:
        pass
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(screen)
sys.exit(os.waitstatus_to_exitcode(status))
`;
  const bin = join(REPOSITORY, 'packages', 'cli', 'bin', 'svc.js');
  const child = spawn('python3', ['-c', program, keys, process.execPath, bin, 'dev', '--port', '0'], {
    cwd: folder,
    env: { ...process.env, CI: '', NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: 'xterm-256color' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let screen = '';
  child.stdout.on('data', chunk => (screen += chunk));
  return new Promise(resolve => child.once('close', code => resolve({ code: code ?? -1, screen })));
}

describe('services that do not behave', () => {
  it('are named within two seconds, and the others serve', async () => {
    const folder = await projectOf({
      'vercel.json': {
        services: {
          good: { root: 'good', devCommand: 'node server.mjs' },
          mute: { root: 'mute', devCommand: 'node -e "setInterval(() => {}, 1000)"' },
          brief: { root: 'brief', devCommand: 'echo not today; exit 3' },
          loud: { root: 'loud', devCommand: 'node loud.mjs' },
          loops: { root: 'loops', devCommand: 'while true; do node -e "throw new Error(\'again\')"; done' },
        },
        rewrites: [
          ...['mute', 'brief', 'loud', 'loops'].map(service => ({
            source: `/${service}`,
            destination: { service },
          })),
          { source: '/(.*)', destination: { service: 'good' } },
        ],
      },
      'good/server.mjs': `
        import { createServer } from 'node:http';
        createServer((_, response) => response.end('fine')).listen(process.env.PORT);
      `,
      'mute/keep': '',
      'brief/keep': '',
      'loops/keep': '',
      'loud/loud.mjs': `
        import { createServer } from 'node:http';
        import { writeSync } from 'node:fs';
        createServer((_, response) => response.end('loud')).listen(process.env.PORT, () => {
          const noise = 'noise '.repeat(20) + '\\n';
          setInterval(() => { process.stdout.write(noise.repeat(2000)); }, 1);
        });
      `,
    });
    const running = await dev(folder);
    const began = running.events.length;
    const failed = await running.next('service.failed', ({ service }) => service === 'brief');
    expect(failed.failure.message).toContain('exit code 3');
    expect(failed.failure.output).toContain('not today');
    const [mute, loops, loud] = await Promise.all([
      running.next('service.slow', ({ service }) => service === 'mute'),
      running.next('service.slow', ({ service }) => service === 'loops'),
      running.next('service.floods', ({ service }) => service === 'loud'),
    ]);
    expect(mute.waited).toBeLessThan(2000);
    expect(mute.message).toContain('nothing listens on its PORT');
    expect(loops.waited).toBeLessThan(2000);
    expect(loud.message).toContain('lines a second');
    expect(began).toBeGreaterThan(0);
    expect(await running.text('/')).toBe('fine');
    const page = await fetch(`${running.url}/brief`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(502);
    expect(page.headers.get('content-type')).toContain('text/html');
    const html = await page.text();
    expect(html).toContain('The service brief is not running');
    expect(html).toContain('not today');
    const plain = await fetch(`${running.url}/brief`, { headers: { accept: 'application/json' } });
    expect(plain.headers.get('content-type')).toContain('text/plain');
    expect((await running.stop('SIGTERM')).code).toBe(143);
  });
});

const simple = () =>
  projectOf({
    'vercel.json': {
      services: {
        web: {
          root: 'web',
          devCommand: 'node server.mjs',
          bindings: [{ type: 'service', service: 'back', format: 'url', env: 'BACK_URL' }],
        },
        back: { root: 'back', devCommand: 'node server.mjs' },
      },
      rewrites: [{ source: '/(.*)', destination: { service: 'web' } }],
    },
    'web/server.mjs': `
      import { createServer } from 'node:http';
      createServer(async (request, response) => {
        if (request.url === '/env') return response.end(JSON.stringify(process.env));
        const answer = await fetch(process.env.BACK_URL + 'x');
        response.end('web: ' + await answer.text());
      }).listen(process.env.PORT, '::1');
    `,
    'back/server.mjs': `
      import { createServer } from 'node:http';
      createServer((request, response) => response.end('back ' + request.url)).listen(process.env.PORT, '127.0.0.1');
    `,
  });

describe('the command', () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  it('calls over bindings, on either address family', async () => {
    const running = await dev(await simple());
    expect(await running.text('/')).toBe('web: back /x');
  });

  it('says who holds the checkout', async () => {
    const folder = await simple();
    const first = await dev(folder);
    const second = await svc(['dev', '--port', '0', '-L'], { cwd: join(folder, 'web') });
    expect(second.code).toBe(50);
    expect(second.stderr).toContain(`process ${first.pid}, on port ${first.port}`);
    expect(await first.text('/')).toBe('web: back /x');
    await first.stop('SIGTERM');
    expect((await dev(folder)).port).toBeGreaterThan(0);
  });

  it('takes over the lock of a process that has ended, and a damaged one', async () => {
    const folder = await simple();
    const first = await dev(folder);
    await first.stop('SIGKILL');
    const lock = join(folder, '.svc', 'dev.lock');
    expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: first.pid, port: first.port });
    const second = await dev(folder);
    await second.stop('SIGKILL');
    await writeFile(lock, '{"pid":');
    expect(await (await dev(folder)).text('/')).toBe('web: back /x');
  });

  it('names who has a port that was asked for', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const refused = await svc(['dev', '--port', String(port)], { cwd: await simple() });
    expect(refused.code).toBe(50);
    expect(refused.stderr).toContain(`port ${port} is taken`);
    if (process.platform === 'linux') expect(refused.stderr).toContain(`process ${process.pid}`);
  });

  it('starts only what it is asked for; a binding to the others may lead elsewhere', async () => {
    const folder = await simple();
    const elsewhere = createServer((_, response) => void response.end('elsewhere')).listen(0, '127.0.0.1');
    servers.push(elsewhere);
    await new Promise(resolve => elsewhere.once('listening', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    const running = await dev(folder, ['--only', 'web'], { BACK_URL: `http://127.0.0.1:${port}/` });
    expect(await running.text('/')).toBe('web: elsewhere');
    await running.stop('SIGTERM');
    const alone = await dev(folder, ['--only', 'web']);
    expect(await alone.text('/')).toContain('asked for other services only');
    await alone.stop('SIGTERM');
    const unknown = await svc(['dev', '--only', 'wep'], { cwd: folder });
    expect(unknown.stderr).toContain('there is no service "wep"');
  });

  it('gives variables in the order of the vendor, and bindings before all', async () => {
    const folder = await simple();
    await writeFile(join(folder, '.env'), 'FROM_FILE=file\nFROM_BOTH=file\nBACK_URL=file\n');
    const running = await dev(folder, [], { FROM_BOTH: 'shell' });
    const env = JSON.parse(await running.text('/env')) as Record<string, string>;
    expect(env).toMatchObject({
      FROM_FILE: 'file',
      FROM_BOTH: 'shell',
      VERCEL: '1',
      VERCEL_ENV: 'development',
    });
    expect(env.BACK_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const told = await running.next('problem', ({ message }) => message.includes('BACK_URL'));
    expect(told.service).toBe('web');
    await writeFile(join(folder, '.env'), 'FROM_FILE=edited\n');
    await running.sees('/env', '"FROM_FILE":"edited"');
  });

  it('writes plain lines where there is no terminal', async () => {
    const folder = await simple();
    const child = spawn(
      process.execPath,
      [join(REPOSITORY, 'packages', 'cli', 'bin', 'svc.js'), 'dev', '--port', '0'],
      {
        cwd: folder,
        env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let text = '';
    child.stdout.on('data', chunk => (text += chunk));
    await until(() => (text.match(/ready after/g)?.length ?? 0) === 2);
    child.kill('SIGINT');
    const code = await new Promise(resolve => child.once('close', resolve));
    expect(code).toBe(130);
    expect(text).toMatch(/^svc dev http:\/\/localhost:\d+$/m);
    expect(text).toMatch(/^\[web\] {2}ready after \d+ ms$/m);
    expect(text).not.toContain('\u001b');
  });
});
