import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './lib/measure.mjs';
import { SVC } from './lib/peers.mjs';
import { writeServeResults } from './lib/results.mjs';
import { routerDecisions } from './lib/router-decisions.mjs';
import { nginxConfig, OWN_SERVER, PLAIN_PROXY, serveProject } from './lib/serve-project.mjs';

/** Requests through `svc start` to a function and to files, beside what else could stand there; needs `nginx` and `wrk`. */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '32' },
      only: { type: 'string' },
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'svc-bench-serve-'));
  // nginx's workers give up root's rights.
  await chmod(directory, 0o755);
  const running = [];
  try {
    const targets = await startAll(directory, running);
    const results = [];
    for (const [title, path, names] of CASES) {
      if (values.only && !title.includes(values.only)) continue;
      const samples = Object.fromEntries(names.map(name => [name, []]));
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const name of names) samples[name].push(load(`${targets[name]}${path}`, values));
      }
      results.push({ title, ...summarise(samples) });
    }
    await writeServeResults(results, await routerDecisions(), values);
  } finally {
    for (const child of running) child.kill('SIGTERM');
    await Promise.all(running.map(child => child.exitCode ?? new Promise(done => child.once('close', done))));
    await rm(directory, { recursive: true, force: true });
  }
}

const CASES = [
  [
    'a Node function',
    '/api/items',
    ['svc start', 'plain http.request proxy', 'nginx as proxy', "the function's own server"],
  ],
  ['a file of 10 kB', '/page.html', ['svc start', 'nginx as file server']],
];

async function startAll(directory, running) {
  await serveProject(directory);
  execFileSync(process.execPath, [SVC, 'build', directory], { stdio: 'pipe' });
  await writeFile(join(directory, 'api', 'own.mjs'), OWN_SERVER);
  await writeFile(join(directory, 'proxy.mjs'), PLAIN_PROXY);
  const [own, proxy, nginx, svc] = await freePorts(4);
  const start = (command, args, env = {}) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
    running.push(child);
  };
  start(process.execPath, [join(directory, 'api', 'own.mjs')], { PORT: String(own) });
  start(process.execPath, [join(directory, 'proxy.mjs')], { PORT: String(proxy), UPSTREAM: String(own) });
  const config = join(directory, 'nginx.conf');
  await writeFile(
    config,
    nginxConfig({ folder: directory, port: nginx, upstream: own, files: join(directory, 'site') }),
  );
  start('nginx', ['-c', config, '-p', directory]);
  start(process.execPath, [SVC, 'start', directory, '--port', String(svc), '--eager']);
  await Promise.all([own, proxy, nginx, svc].map(listening));
  return {
    "the function's own server": `http://127.0.0.1:${own}`,
    'plain http.request proxy': `http://127.0.0.1:${proxy}`,
    'nginx as proxy': `http://127.0.0.1:${nginx}`,
    'nginx as file server': `http://127.0.0.1:${nginx}`,
    'svc start': `http://127.0.0.1:${svc}`,
  };
}

/** One run of wrk; milliseconds and requests per second. Any answer but the right one ends the benchmark. */
function load(url, { seconds, connections }) {
  const text = execFileSync('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url]).toString();
  if (/Non-2xx|Socket errors/.test(text))
    throw new Error(`${url} did not answer all requests well:\n${text}`);
  const number = pattern => Number(pattern.exec(text)?.[1]);
  const time = name => {
    const [, value, unit] = new RegExp(`${name}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? [];
    return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  return { rate: number(/Requests\/sec:\s+([\d.]+)/), p50: time('50'), p99: time('99') };
}

function summarise(samples) {
  const rows = Object.entries(samples).map(([name, all]) => ({
    name,
    rate: median(all.map(({ rate }) => rate)),
    p50: median(all.map(({ p50 }) => p50)),
    p99: median(all.map(({ p99 }) => p99)),
  }));
  const [svc, ...peers] = rows;
  return {
    rows,
    ratios: Object.fromEntries(peers.map(peer => [`svc / ${peer.name}`, svc.rate / peer.rate])),
    samples,
  };
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise(done => {
          const server = createServer().listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  const ports = servers.map(server => server.address().port);
  await Promise.all(servers.map(server => new Promise(done => server.close(done))));
  return ports;
}

/** Resolves when something listens; a benchmark that never starts is ended by its user. */
async function listening(port) {
  for (;;) {
    const open = await new Promise(done => {
      const socket = connect(port, '127.0.0.1', () => done(true)).once('error', () => done(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise(done => setTimeout(done, 20));
  }
}
