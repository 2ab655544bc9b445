import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Running {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Types of the messages that the function has sent so far. */
  readonly messages: readonly string[];
  stop(): Promise<void>;
}

/**
 * Copies a function to a folder of its own and starts it there with nothing but `PATH`: by a Unix socket that it reports to, as
 * the platform does, and, where `port` is asked for, listening on that port by svc's own server.
 *
 * @throws with the function's output when it ends before it has started.
 */
export async function launch(
  folder: string,
  options: { readonly python?: string; readonly port?: number; readonly env?: Record<string, string> } = {},
): Promise<Running> {
  const base = mkdtempSync(join(tmpdir(), 'svc-fn-'));
  const copy = join(base, 'function');
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  const messages: string[] = [];
  const ipc = join(base, 'ipc.sock');
  const server = createServer();
  const ready = new Promise<number>(resolve => {
    server.on('connection', socket => {
      let text = '';
      socket.setEncoding('utf8').on('data', chunk => {
        const parts = (text + chunk).split('\0');
        text = parts.pop() ?? '';
        for (const part of parts) {
          const { type, payload } = JSON.parse(part) as { type: string; payload: { httpPort: number } };
          messages.push(type);
          if (type === 'server-started') resolve(payload.httpPort);
        }
      });
    });
  });
  server.listen(ipc);
  const child = spawn(options.python ?? 'python3', ['vc__handler__python.py'], {
    cwd: copy,
    env: {
      PATH: process.env.PATH,
      HOME: base,
      VERCEL_IPC_PATH: ipc,
      ...(options.port === undefined ? {} : { PORT: String(options.port) }),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  child.stdout.on('data', chunk => output.push(String(chunk)));
  child.stderr.on('data', chunk => output.push(String(chunk)));
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    server.close();
    rmSync(base, { recursive: true, force: true });
  };
  const port = await Promise.race([ready, ended.then(() => undefined)]);
  if (port === undefined) {
    await stop();
    throw new Error(`the function did not start:\n${output.join('')}`);
  }
  return { origin: `http://127.0.0.1:${port}`, messages, stop };
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
