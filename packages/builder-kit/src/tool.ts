import { readFileSync, writeFileSync } from 'node:fs';
import type { Json, Notice, Result, ToolReport } from '@svc/contracts';

/** Where a tool runs: all paths are absolute and valid inside the step's isolation. */
export interface ToolContext {
  /** The project's boundary folder as the step sees it. */
  readonly boundary: string;
  /** The service's root as the step sees it. */
  readonly root: string;
  /** The service's output tree, the only place outside the working copy that a tool writes to. */
  readonly output: string;
  /** Tells the user something that does not stop the build. */
  warn(notice: Notice): void;
}

/**
 * The main program of a step of type `tool`. Reads its input as JSON from standard input, writes what went wrong and
 * what is to be known as JSON (`ToolReport`) to the file that `SVC_REPORT` names, and ends with 0 or 1.
 */
export async function runTool<Input extends Json>(
  main: (input: Input, context: ToolContext) => Promise<Result<unknown>>,
): Promise<void> {
  const input = JSON.parse(readFileSync(0, 'utf8')) as Input;
  const notices: Notice[] = [];
  const result = await main(input, {
    boundary: variable('SVC_BOUNDARY'),
    root: process.cwd(),
    output: variable('SVC_OUTPUT'),
    warn: notice => notices.push(notice),
  });
  const report: ToolReport = { failures: result.ok ? [] : result.failures, notices };
  if (!result.ok || notices.length > 0) writeFileSync(variable('SVC_REPORT'), JSON.stringify(report));
  process.exitCode = result.ok ? 0 : 1;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: a tool runs only as a step of svc build`);
  return value;
}
