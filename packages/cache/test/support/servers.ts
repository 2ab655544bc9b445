import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
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
  return runServer(process.execPath, [cli], port, folder, {
    PORT: `${port}`,
    HOST: '127.0.0.1',
    TURBO_TOKEN: TOKEN,
    STORAGE_PROVIDER: 'local',
    STORAGE_PATH: folder,
    STORAGE_PATH_USE_TMP_FOLDER: 'false',
    LOG_LEVEL: 'error',
  });
}

/** Starts a server, and waits until it answers. `folder` is its own, and removed with it. */
export async function runServer(
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
