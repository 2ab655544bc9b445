import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CachedProject, cachedProject, outcomes } from './support/cached-project.ts';
import { eventsIn, start } from './support/cli.ts';

const MB = 1024 * 1024;
const HEAD = 'svc artifact 1\n';

/** Answers every GET of an artifact in a way of its own, and keeps what is PUT. */
let answer: (response: ServerResponse) => void;
let stored = Buffer.alloc(0);
let server: Server;
let project: CachedProject;
let env: Record<string, string>;

beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', part => parts.push(part));
    request.on('end', () => {
      if (request.method === 'PUT') stored = Buffer.concat(parts);
      if (request.method === 'GET') return answer(response);
      response.writeHead(request.method === 'HEAD' ? 404 : 200).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  env = { TURBO_API: `http://127.0.0.1:${port}`, TURBO_TOKEN: 'token', TURBO_TEAM: 'team' };
  const service = { root: 'apps/web', buildCommand: 'node build.mjs', outputDirectory: 'dist' };
  project = await cachedProject({ 'vercel.json': { services: { web: service } } });
  answer = response => response.writeHead(404).end();
  // What svc stores itself: a hostile server knows the format, and each key that it is asked for.
  await project.build([], env);
});
afterAll(() => server.close());

/** What svc has stored, with another entry, as its parts before they are compressed. */
function withEntry(change: (entry: { files: unknown[] }) => string): Buffer {
  const body = gunzipSync(stored);
  const length = body.readUInt32LE(HEAD.length);
  const text = body.subarray(HEAD.length + 4, HEAD.length + 4 + length).toString();
  const at = text.indexOf('\n') + 1;
  const entry = text.slice(0, at) + change(JSON.parse(text.slice(at)));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(Buffer.byteLength(entry));
  return Buffer.concat([Buffer.from(HEAD), size, Buffer.from(entry)]);
}

/** An entry that names one file of so many bytes. */
function naming(size: number): Buffer {
  return withEntry(entry => {
    const [first] = entry.files as { path: string }[];
    const digest = { hash: 'a'.repeat(64), size };
    return JSON.stringify({ ...entry, files: [{ digest, path: first?.path ?? 'x' }] });
  });
}

/** Zeros, so many bytes of them: members of one compressed stream may follow each other (RFC 1952). */
function zeros(bytes: number): Buffer[] {
  const one = gzipSync(Buffer.alloc(100 * MB));
  return Array.from({ length: Math.ceil(bytes / (100 * MB)) }, () => one);
}

const send =
  (parts: readonly Buffer[], headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(200, headers);
    for (const part of parts) response.write(part);
    response.end();
  };

function endless(response: ServerResponse): void {
  const chunk = randomBytes(MB);
  const more = () => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

/** Name, what the server does, what svc says of it, and how long (milliseconds) it is given. */
type Bomb = readonly [string, () => typeof answer, RegExp, number];

const BOMBS: readonly Bomb[] = [
  [
    '10 GB of zeros in 10 MB, for a file that a result could have',
    () => send([gzipSync(naming(4 * 1024 ** 3 - 1)), ...zeros(10_000 * MB)]),
    /grows beyond all measure/,
    60_000,
  ],
  [
    '10 GB of zeros in 10 MB, as the entry says itself',
    () => send([gzipSync(naming(10_000 * MB)), ...zeros(10_000 * MB)]),
    /larger than any result/,
    60_000,
  ],
  ['10 GB of zeros alone', () => send(zeros(10_000 * MB)), /no result of svc/, 60_000],
  [
    '10 GB of zeros that HTTP itself unpacks',
    () => send(zeros(10_000 * MB), { 'content-encoding': 'gzip' }),
    /packs what it sends a second time/,
    60_000,
  ],
  [
    'an entry of a quarter of a million files',
    () => {
      const one = `{"digest":{"hash":"${'a'.repeat(64)}","size":1},"path":"`;
      const files = Array.from({ length: 250_000 }, (_, index) => `${one}${index}"}`).join(',');
      const text = withEntry(entry => {
        const whole = JSON.stringify({ ...entry, files: [] });
        return whole.replace('"files":[]', () => `"files":[${files}]`);
      });
      return send([gzipSync(text)]);
    },
    /more than 200000 files/,
    60_000,
  ],
  ['a body without an end', () => endless, /did not answer in time/, 3000],
];

/** Peak of a process in bytes, as far as it has come (proc_pid_status(5)). */
function peakOf(pid: number): number {
  try {
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

function sizeOf(folder: string): number {
  let size = 0;
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        size += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    // Not made yet, or being removed.
  }
  return size;
}

it.skipIf(process.platform !== 'linux').each(BOMBS)(
  'a bomb is refused and told of, within 200 MB of memory: %s',
  async (_, bomb, reason, patience) => {
    answer = bomb();
    // Beside it lies the key under which variables are hashed: another would make another result of the same sources.
    const cache = join(project.env.SVC_CACHE_DIR ?? '', 'v1');
    rmSync(cache, { recursive: true, force: true });
    const running = start(['build', '--json'], {
      cwd: project.folder,
      env: { ...project.env, ...env, SVC_REMOTE_CACHE_TIMEOUT: `${patience}`, SVC_CACHE: 'local:w,remote:r' },
    });
    let memory = 0;
    let disk = 0;
    let isRunning = true;
    const ended = running.ended.finally(() => {
      isRunning = false;
    });
    while (isRunning) {
      memory = Math.max(memory, peakOf(running.child.pid ?? 0));
      disk = Math.max(disk, sizeOf(cache));
      await setTimeout(20);
    }
    const { code, stdout, stderr } = await ended;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const events = eventsIn(stdout);
    expect(outcomes(events)).toEqual({ web: 'built' });
    const told = events.filter(event => event.type === 'cache.rejected');
    expect(told.map(event => event.reason).join('\n')).toMatch(reason);
    console.log(`peak ${Math.round(memory / MB)} MB of memory, ${Math.round(disk / MB)} MB on disk`);
    expect(memory).toBeLessThan(200 * MB);
    expect(disk).toBeLessThan(2100 * MB);
    // Nothing of it is kept.
    expect(sizeOf(join(cache, 'tmp'))).toBe(0);
  },
);
