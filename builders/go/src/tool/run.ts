import { spawn } from 'node:child_process';

export interface RunEnd {
  readonly status: number | null;
  /** Set when the program could not be started. */
  readonly startError?: NodeJS.ErrnoException;
  /** Everything that it printed, both streams, in the order in which it came. */
  readonly output: string;
}

/** Runs go to its end. @param options whether its output is also this program's output. */
export function runGo(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  options = { shown: true },
): Promise<RunEnd> {
  return new Promise(resolve => {
    const child = spawn('go', args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: string) => {
      output += chunk;
      if (options.shown) process.stderr.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', startError => resolve({ status: null, startError, output }));
    child.once('close', status => resolve({ status, output }));
  });
}
