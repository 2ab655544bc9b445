import { spawn } from 'node:child_process';

export interface RunEnd {
  /** Null when it was ended by a signal or could not be started. */
  readonly status: number | null;
  /** Set when it could not be started. */
  readonly startError?: Error;
  /** Everything that it printed, both streams, in the order in which it came. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether its output is also this program's output. */
  readonly shown: boolean;
}

/** Runs a program to its end. */
export function run(file: string, args: readonly string[], options: RunOptions): Promise<RunEnd> {
  return new Promise(resolve => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: string, to: NodeJS.WriteStream) => {
      output += chunk;
      if (options.shown) to.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', chunk => collect(chunk, process.stdout));
    child.stderr.setEncoding('utf8').on('data', chunk => collect(chunk, process.stderr));
    child.once('error', startError => resolve({ status: null, startError, output }));
    child.once('close', status => resolve({ status, output }));
  });
}

/** The last lines of an output, oldest first, without blank ones. */
export function lastLines(output: string, count = 20): string[] {
  return output
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-count);
}
