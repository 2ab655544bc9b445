import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SVC } from '../lib/peers.mjs';
import { identityOf } from './processes.mjs';

const here = import.meta.dirname;

/** Builds the project of the soak in a folder, as a user would. Resolves with the texts of its static files, path -> content. */
export async function buildProject(folder) {
  await cp(join(here, 'project'), folder, { recursive: true });
  const large = Array.from({ length: 400 }, (_, line) => `<p>line ${line}</p>`).join('\n');
  await writeFile(join(folder, 'site', 'large.html'), large);
  execFileSync(process.execPath, [SVC, 'build'], { cwd: folder, stdio: 'pipe' });
  const names = ['small.html', 'large.html'];
  const texts = names.map(async name => [`/${name}`, await readFile(join(folder, 'site', name), 'latin1')]);
  return new Map(await Promise.all(texts));
}

/**
 * Starts a deployment with a folder for temporary files of its own. Resolves when it answers.
 *
 * @returns `{ pid, url, temporary, crashes, problems, heap(), stop() }`: `crashes` are the reports of the function that
 *   crashes, `{ token, at, gone }`: when it began to crash and when it was found gone, in milliseconds since 1970; `problems` are what svc logged; `heap` resolves with the bytes
 *   that are in use in svc's own process after a collection; `stop` sends SIGTERM and resolves with the exit code.
 */
export async function startDeployment(folder, { crashEvery }) {
  const temporary = join(folder, 'temporary');
  await mkdir(temporary);
  const ends = await watchEnds();
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--require', join(here, 'heap-probe.cjs'), SVC, 'start', '--port', '0', '--log', 'json'],
    {
      cwd: folder,
      env: {
        ...process.env,
        TMPDIR: temporary,
        SOAK_CRASH_EVERY: String(crashEvery),
        SOAK_WATCH: String(ends.port),
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  const ended = new Promise(resolve => child.once('close', (code, signal) => resolve(code ?? signal)));
  const crashes = [];
  const problems = [];
  const url = await new Promise((resolve, reject) => {
    void ended.then(code => reject(new Error(`svc start ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', line => {
      const event = JSON.parse(line);
      if (event.type === 'started') resolve(event.urls[0]);
      if (event.type === 'problem') problems.push(event);
      if (event.type === 'function.output' && event.line.startsWith('crash '))
        crashes.push(JSON.parse(event.line.slice('crash '.length)));
    });
  });
  return {
    pid: child.pid,
    url,
    temporary,
    crashes: () => crashes.map(({ pid, ...crash }) => ({ ...crash, gone: ends.of(pid) })),
    problems,
    heap: () =>
      new Promise((resolve, reject) => {
        void ended.then(code => reject(new Error(`svc start ended with ${code} in the middle of the soak`)));
        child.once('message', ({ heap }) => resolve(heap));
        child.send('heap', error => error && reject(error));
      }),
    stop: async () => {
      child.kill('SIGTERM');
      const code = await ended;
      ends.close();
      return code;
    },
  };
}

/** Processes connect and send their id; when the connection ends, they are gone. */
async function watchEnds() {
  const gone = new Map();
  const server = createServer(socket => {
    let pid;
    socket.once('data', data => {
      pid = Number(data);
    });
    socket.on('error', () => undefined);
    // It is closed among the first: others may still be open, until the process is no more than a number.
    const look = () => {
      if (identityOf(pid) === undefined) gone.set(pid, Date.now());
      else setTimeout(look, 1);
    };
    socket.once('close', look);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: server.address().port, of: pid => gone.get(pid), close: () => server.close() };
}
