import { type RunEnd, type RunOptions, runProgram } from '@svc/builder-kit';

export type { RunEnd };

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
  options: Pick<RunOptions, 'shown'> = { shown: 'stderr' },
): Promise<RunEnd> {
  const own = { RUSTUP_AUTO_INSTALL: '0', CARGO_TERM_COLOR: 'never' };
  return runProgram(program, args, { cwd, env: { ...own, ...env }, ...options });
}
