import { readFileSync, writeFileSync } from 'node:fs';
import type { Failure, Json, Result } from '@svc/contracts';

/** Where a tool runs: all paths are absolute and valid inside the step's isolation. */
export interface ToolContext {
  /** The project's boundary folder as the step sees it. */
  readonly boundary: string;
  /** The service's root as the step sees it. */
  readonly root: string;
  /** The service's output tree, the only place outside the working copy that a tool writes to. */
  readonly output: string;
}

/**
 * The main program of a step of type `tool`. Reads its input as JSON from standard input, writes what went wrong as
 * JSON to the file that `SVC_FAILURES` names, and ends with 0 or 1.
 */
export async function runTool<Input extends Json>(
  main: (input: Input, context: ToolContext) => Promise<Result<unknown>>,
): Promise<void> {
  const input = JSON.parse(readFileSync(0, 'utf8')) as Input;
  const context = { boundary: variable('SVC_BOUNDARY'), root: process.cwd(), output: variable('SVC_OUTPUT') };
  const result = await main(input, context);
  if (result.ok) return;
  reportFailures(result.failures);
  process.exitCode = 1;
}

function reportFailures(failures: readonly Failure[]): void {
  writeFileSync(variable('SVC_FAILURES'), JSON.stringify(failures));
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: a tool runs only as a step of svc build`);
  return value;
}
