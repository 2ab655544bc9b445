import type { ChildProcess, Serializable } from 'node:child_process';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { splitLines } from './lines.ts';
import { forgetTree, type ProcessTree, rememberTree, stopTree, TREE_MARKER } from './tree.ts';

/** One command to run. */
export interface ChildSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to standard input; without it standard input is empty. */
  readonly input?: string;
  /** Every line of output as it comes, without its line end. */
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Told once it runs; the process leads a group of its own. */
  readonly onSpawn?: (pid: number) => void;
  /** Stops the whole tree: SIGTERM, then SIGKILL after `grace`. */
  readonly signal?: AbortSignal;
  /** Milliseconds that the tree gets between SIGTERM and SIGKILL; 2,000 when absent. */
  readonly grace?: number;
  /** A line for messages that its output cannot mix with: Node's own, so only a program that runs on Node has it. */
  readonly channel?: ChildChannel;
  /** The command runs in a process namespace that ends with it, so nothing can be left behind: saves looking for it. */
  readonly sealed?: boolean;
}

export interface ChildChannel {
  /** Called at the start with the way to send: JSON values, in order. What a child that has ended does not read is lost. */
  opened(send: (message: unknown) => void): void;
  /** Every message of the child. */
  received(message: unknown): void;
}

export interface ChildEnd {
  /** Null when a signal ended it or it could not be started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why it could not be started at all (no such program, no permission). */
  readonly startError?: NodeJS.ErrnoException;
}

/**
 * Runs a command in a process group of its own and resolves when it, everything it started and its output have ended.
 * Whatever it leaves running in the background is stopped. Never rejects for what the command does.
 */
export async function runChild(spec: ChildSpec): Promise<ChildEnd> {
  const marker = `${process.pid}.${Date.now().toString(36)}.${(nextMarker++).toString(36)}`;
  const child = execa(spec.file, [...spec.args], {
    cwd: spec.cwd,
    // A namespace needs no marker, and a build that prints its environment prints the same every time.
    env: spec.sealed ? { ...spec.env } : { ...spec.env, [TREE_MARKER]: marker },
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stripFinalNewline: false,
    stdin: spec.input === undefined ? 'ignore' : 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    ...(spec.channel ? { ipc: true, serialization: 'json' } : {}),
  });
  if (child.pid === undefined) return startFailure(await child);
  const tree: ProcessTree = { pid: child.pid, marker: spec.sealed ? null : marker };
  rememberTree(tree);
  spec.onSpawn?.(child.pid);
  const stop = () => void stopTree(tree, spec.grace ?? 2000);
  spec.signal?.addEventListener('abort', stop, { once: true });
  if (spec.signal?.aborted) stop();
  if (spec.input !== undefined) child.stdin?.on('error', ignoreBrokenPipe).end(spec.input);
  if (spec.channel) openChannel(child, spec.channel);
  const outputs = [forward(child.stdout, 'stdout', spec), forward(child.stderr, 'stderr', spec)];
  try {
    const end = await new Promise<ChildEnd>(resolve =>
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal })),
    );
    // The command has ended: what it left in the background would hold its output open, and outlive its step.
    await stopTree(tree, 0);
    await Promise.all(outputs);
    return end;
  } finally {
    spec.signal?.removeEventListener('abort', stop);
    forgetTree(tree);
  }
}

let nextMarker = 0;

function openChannel(child: Pick<ChildProcess, 'on' | 'send'>, channel: ChildChannel): void {
  child.on('message', message => channel.received(message));
  channel.opened(message => {
    // A child may end at any moment; whoever runs it learns that from its end.
    child.send(message as Serializable, () => undefined);
  });
}

function forward(
  readable: Readable | undefined,
  stream: 'stdout' | 'stderr',
  spec: ChildSpec,
): Promise<void> {
  if (!readable) return Promise.resolve();
  const lines = splitLines(line => spec.onLine(stream, line));
  readable.setEncoding('utf8').on('data', lines.push);
  return new Promise(resolve => readable.once('close', () => resolve(lines.end())));
}

function startFailure(result: { cause?: unknown }): ChildEnd {
  const startError = result.cause instanceof Error ? result.cause : new Error('it could not be started');
  return { exitCode: null, signal: null, startError };
}

/** A command that ends without reading its input is its own business. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') throw error;
}
