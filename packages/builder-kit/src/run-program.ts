import { spawn } from 'node:child_process';

export interface RunEnd {
  /** Null when it was ended by a signal or could not be started. */
  readonly status: number | null;
  /** Set when it could not be started; its `code` is `ENOENT` when there is no such program. */
  readonly startError?: NodeJS.ErrnoException;
  /** Everything that it printed, both streams, in the order in which it came. */
  readonly output: string;
  /** The same, each stream by itself. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Absolute. */
  readonly cwd: string;
  /** On top of the step's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether its output is also the step's output: all of it (when absent), none, or its standard error alone. */
  readonly shown?: boolean | 'stderr';
}

/** Runs a program to its end from within a tool, which is itself a step: so the program runs in the step's isolation. */
export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<RunEnd> {
  return new Promise(resolve => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = { output: '', stdout: '', stderr: '' };
    const collect = (name: 'stdout' | 'stderr', chunk: string) => {
      printed.output += chunk;
      printed[name] += chunk;
      if ([true, name].includes(options.shown ?? true)) process[name].write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', chunk => collect('stdout', chunk));
    child.stderr.setEncoding('utf8').on('data', chunk => collect('stderr', chunk));
    child.once('error', startError => resolve({ status: null, startError, ...printed }));
    child.once('close', status => resolve({ status, ...printed }));
  });
}

/** The last lines of an output, oldest first, without blank ones: what a `Failure` carries as `output`. */
export function lastLines(output: string, count = 20): string[] {
  return output
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-count);
}
