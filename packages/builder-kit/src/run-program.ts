import { spawn } from 'node:child_process';

export interface RunEnd {
  /** Null when it was ended by a signal or could not be started. */
  readonly status: number | null;
  /** Set when it could not be started; its `code` is `ENOENT` when there is no such program. */
  readonly startError?: NodeJS.ErrnoException;
  /** Everything that it printed, both streams, in the order in which it came. */
  readonly output: string;
}

export interface RunOptions {
  /** Absolute. */
  readonly cwd: string;
  /** On top of the step's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether its output is also the step's output; true when absent. */
  readonly shown?: boolean;
}

/** Runs a program to its end from within a tool, which is itself a step: so the program runs in the step's isolation. */
export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<RunEnd> {
  return new Promise(resolve => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: string, to: NodeJS.WriteStream) => {
      output += chunk;
      if (options.shown !== false) to.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', chunk => collect(chunk, process.stdout));
    child.stderr.setEncoding('utf8').on('data', chunk => collect(chunk, process.stderr));
    child.once('error', startError => resolve({ status: null, startError, output }));
    child.once('close', status => resolve({ status, output }));
  });
}

/** The last lines of an output, oldest first, without blank ones: what a `Failure` carries as `output`. */
export function lastLines(output: string, count = 20): string[] {
  return output
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-count);
}
