import { type RunEnd, type RunOptions, runProgram } from '@svc/builder-kit';

export type { RunEnd };

/** Runs go to its end. @param options whether its output is also this program's output. */
export function runGo(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  options: Pick<RunOptions, 'shown'> = {},
): Promise<RunEnd> {
  return runProgram('go', args, { cwd, env, ...options });
}
