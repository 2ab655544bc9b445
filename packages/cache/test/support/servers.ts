import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real cache server on loopback. */
export interface TestServer {
  readonly port: number;
  stop(): Promise<void>;
}

export const TOKEN = 'a token of the tests';

export async function startTurborepoServer(): Promise<TestServer> {
  const main = createRequire(import.meta.url).resolve('turborepo-remote-cache');
  const cli = join(dirname(main), 'cli.js');
  const folder = mkdtempSync(join(tmpdir(), 'svc-turborepo-'));
  const port = await freePort();
  return run(process.execPath, [cli], port, folder, {
    PORT: `${port}`,
    HOST: '127.0.0.1',
    TURBO_TOKEN: TOKEN,
    STORAGE_PROVIDER: 'local',
    STORAGE_PATH: folder,
    STORAGE_PATH_USE_TMP_FOLDER: 'false',
    LOG_LEVEL: 'error',
  });
}

/** A server of the Remote Execution API that is installed here. */
export interface ReapiServer {
  readonly name: string;
  start(): Promise<TestServer>;
}

/**
 * Those that are found: `bazel-remote` (`go install github.com/buchgr/bazel-remote/v2@v2.5.1`) and BuildGrid (`pip install
 * buildgrid==0.4.4`, in an environment whose `bgd` is on the PATH or named by `BUILDGRID`).
 */
export function findReapiServers(): readonly ReapiServer[] {
  const bazelRemote = programNamed('bazel-remote');
  const buildGrid = process.env.BUILDGRID ?? programNamed('bgd');
  return [
    ...(bazelRemote ? [{ name: 'bazel-remote', start: () => startBazelRemote(bazelRemote) }] : []),
    ...(buildGrid ? [{ name: 'BuildGrid', start: () => startBuildGrid(buildGrid) }] : []),
  ];
}

function programNamed(name: string): string | undefined {
  try {
    const path = 'PATH="$PATH:$(go env GOPATH 2>/dev/null)/bin"';
    return execFileSync('/bin/sh', ['-c', `${path} command -v ${name}`])
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}

async function startBazelRemote(program: string): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'svc-bazel-remote-'));
  const [port, http] = [await freePort(), await freePort()];
  const args = [
    ...['--dir', folder, '--max_size', '1', '--access_log_level', 'none'],
    ...['--grpc_address', `127.0.0.1:${port}`, '--http_address', `127.0.0.1:${http}`],
  ];
  return run(program, args, port, folder, {});
}

async function startBuildGrid(program: string): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'svc-buildgrid-'));
  const port = await freePort();
  const config = join(folder, 'config.yml');
  writeFileSync(config, buildGridConfig(port));
  return run(program, ['server', 'start', config], port, folder, {});
}

function buildGridConfig(port: number): string {
  return `server:
  - !channel
    address: 127.0.0.1:${port}
    insecure-mode: true
instances:
  - name: ''
    storages:
      - !lru-storage &cas
        size: 512MB
    caches:
      - !lru-action-cache &results
        storage: *cas
        max-cached-refs: 1000
        cache-failed-actions: false
        allow-updates: true
    services:
      - !action-cache
        cache: *results
      - !cas
        storage: *cas
      - !bytestream
        storage: *cas
`;
}

async function run(
  program: string,
  args: readonly string[],
  port: number,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<TestServer> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', chunk => (output += chunk));
  child.stderr.on('data', chunk => (output += chunk));
  const ended = new Promise<void>(resolve => child.on('close', () => resolve()));
  let isRunning = true;
  ended.then(() => {
    isRunning = false;
  });
  while (!(await answers(port))) {
    if (!isRunning) throw new Error(`${program} ended:\n${output}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return {
    port,
    async stop() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** How a proxy between a client and its server misbehaves. */
export type Fault =
  | 'none'
  /** Every piece arrives late. */
  | 'delays'
  /** Answers end in the middle. */
  | 'truncates'
  /** One byte of each longer answer is another. */
  | 'corrupts'
  /** Connections are closed as soon as the client has spoken. */
  | 'drops'
  /** Requests are swallowed. */
  | 'hangs';

/** Milliseconds. */
const LATE = 30;

/** A TCP proxy that does that to what the server answers. */
export async function startProxy(to: number, fault: () => Fault): Promise<TestServer> {
  const sockets = new Set<{ destroy(): void }>();
  const server: Server = createServer(client => {
    const upstream = connect(to, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    // What is still on its way arrives before the end.
    upstream.on('close', () => setTimeout(() => client.destroy(), fault() === 'delays' ? 2 * LATE : 0));
    client.on('data', chunk => {
      if (fault() === 'drops') client.destroy();
      else if (fault() !== 'hangs') upstream.write(chunk);
    });
    upstream.on('data', chunk => {
      switch (fault()) {
        case 'delays':
          setTimeout(() => client.write(chunk), LATE);
          return;
        case 'truncates':
          client.write(chunk.subarray(0, Math.floor(chunk.length / 2)));
          client.destroy();
          return;
        case 'corrupts':
          client.write(damaged(chunk));
          return;
        default:
          client.write(chunk);
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    stop: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A byte in the last third, where bodies are rather than headers. */
function damaged(chunk: Buffer): Buffer {
  const copy = Buffer.from(chunk);
  const at = Math.floor((copy.length * 5) / 6);
  copy[at] = (copy[at] ?? 0) ^ 0x20;
  return copy;
}
