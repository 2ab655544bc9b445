import { spawn } from 'node:child_process';

export interface RunEnd {
  readonly status: number | null;
  /** Set when the program could not be started. */
  readonly startError?: NodeJS.ErrnoException;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of the toolchain to its end. rustup would fetch a toolchain that is not there; svc leaves that to its user.
 *
 * @param options whether its standard error is also this program's.
 */
export function run(
  program: 'cargo' | 'rustc' | 'rustup',
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  options = { shown: true },
): Promise<RunEnd> {
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, RUSTUP_AUTO_INSTALL: '0', CARGO_TERM_COLOR: 'never', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', chunk => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', chunk => {
      stderr += chunk;
      if (options.shown) process.stderr.write(chunk);
    });
    child.once('error', startError => resolve({ status: null, startError, stdout, stderr }));
    child.once('close', status => resolve({ status, stdout, stderr }));
  });
}
