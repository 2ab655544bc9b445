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

/** How a function is started. */
export interface Launch {
  readonly command: string;
  readonly args?: readonly string[];
  /** All of its variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A port on which it listens without telling anybody. */
  readonly port?: number;
}

/**
 * Copies a function to a folder of its own and starts it there. It has started when it reports to its Unix socket, as the
 * platform wants it, or answers on the port that it was given.
 *
 * @param by how it is started, given absolute paths of the copy, of an empty home and of the socket.
 * @throws with the function's output when it ends before it has started.
 */
export async function launchFunction(
  folder: string,
  by: (place: { readonly copy: string; readonly home: string; readonly socket: string }) => Launch,
): Promise<Running> {
  const home = mkdtempSync(join(tmpdir(), 'svc-fn-'));
  const copy = join(home, 'function');
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  const messages: string[] = [];
  const server = createServer();
  const reported = new Promise<number>(resolve => {
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
  const socket = join(home, 'ipc.sock');
  server.listen(socket);
  const { command, args = [], env, port } = by({ copy, home, socket });
  const child = spawn(command, args, { cwd: copy, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const output: string[] = [];
  child.stdout.on('data', chunk => output.push(String(chunk)));
  child.stderr.on('data', chunk => output.push(String(chunk)));
  const ended = once(child, 'close');
  const stop = async () => {
    if (child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    await ended;
    server.close();
    rmSync(home, { recursive: true, force: true });
  };
  const ready = port === undefined ? reported : answering(port, ended);
  const answered = await Promise.race([ready, ended.then(() => undefined)]);
  if (answered === undefined) {
    await stop();
    throw new Error(`the function did not start:\n${output.join('')}`);
  }
  return { origin: `http://127.0.0.1:${answered}`, messages, stop };
}

/** Starts a function of a compiled language: its own program with `PORT`, or the platform's with a socket. */
export async function launchProgram(
  folder: string,
  program: 'user-server' | 'executable' = 'user-server',
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const port = await freePort();
  return launchFunction(folder, ({ copy, socket }) => ({
    command: join(copy, program),
    ...(program === 'executable'
      ? { env: { ...env, VERCEL_IPC_PATH: socket } }
      : { env: { ...env, PORT: String(port) }, port }),
  }));
}

/** Asks until somebody answers on the port. */
async function answering(port: number, ended: Promise<unknown>): Promise<number> {
  const isOver = AbortSignal.timeout(30_000);
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: isOver }).catch(() => undefined);
    if (answer) return port;
    isOver.throwIfAborted();
  }
  throw new Error('the program ended before it answered');
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
