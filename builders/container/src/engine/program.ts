import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';

export interface ProgramEnd {
  /** Null when a signal ended it or it could not be started. */
  readonly status: number | null;
  /** Standard output and standard error as they came. */
  readonly output: string;
  readonly startError?: NodeJS.ErrnoException;
}

export interface ProgramOptions {
  /** Pass the output on to this process's own; true when absent. */
  readonly shown?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Longest output that is remembered, in characters; of more, the end. */
const REMEMBERED = 200_000;

/**
 * Runs a program of an engine to its end. A step's home is private and empty, but logins, contexts and images belong to
 * the user, so the real one is given.
 */
export function runProgram(
  file: string,
  args: readonly string[],
  { shown = true, env = {} }: ProgramOptions = {},
): Promise<ProgramEnd> {
  return new Promise(resolve => {
    const child = spawn(file, [...args], {
      env: { ...process.env, HOME: userInfo().homedir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const take = (to: NodeJS.WriteStream) => (chunk: string) => {
      output = (output + chunk).slice(-REMEMBERED);
      if (shown) to.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take(process.stdout));
    child.stderr.setEncoding('utf8').on('data', take(process.stderr));
    child.once('error', startError => resolve({ status: null, output, startError }));
    child.once('close', status => resolve({ status, output }));
  });
}
