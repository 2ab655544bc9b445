import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostAnswer, HostRequest } from '../host/protocol.ts';
import type { SilentEnd } from './failures.ts';

export interface HostEnd {
  /** What the process said last, if it said anything. */
  readonly answer: HostAnswer | undefined;
  readonly end: SilentEnd;
  /** The last lines that the builder and its children printed, oldest first. */
  readonly lines: readonly string[];
}

/** How many lines are kept to look for a cause in. */
const REMEMBERED = 500;
/** Milliseconds in which what the process has written must have arrived once it is gone. */
const LAST_WORDS = 1000;

/**
 * Runs the host program on a request and passes on everything that it and its children print.
 *
 * @param program absolute path of the bundled `tools/host.ts`.
 * @param timeLimit milliseconds.
 */
export async function runHost(
  program: string,
  request: HostRequest,
  env: Readonly<Record<string, string | undefined>>,
  timeLimit: number,
): Promise<HostEnd> {
  const child = fork(program, {
    cwd: request.root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  const lines: string[] = [];
  const remember = (line: string) => {
    lines.push(line);
    if (lines.length > REMEMBERED) lines.shift();
  };
  passOn(child.stdout, process.stdout, remember);
  passOn(child.stderr, process.stderr, remember);
  let answer: HostAnswer | undefined;
  child.once('message', message => (answer = message as HostAnswer));
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    child.kill('SIGKILL');
  }, timeLimit);
  child.send(request);
  const closed = once(child, 'close');
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  // What the builder has left running holds its output open; the step's isolation ends that, so it is not waited for.
  await Promise.race([closed, delay(LAST_WORDS, undefined, { ref: false })]);
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  return { answer, end: { exitCode, signal, isTimedOut }, lines };
}

function passOn(from: Readable | null, to: NodeJS.WriteStream, remember: (line: string) => void): void {
  if (!from) throw new Error('the host was started without pipes');
  createInterface({ input: from }).on('line', line => {
    remember(line);
    to.write(`${line}\n`);
  });
}
