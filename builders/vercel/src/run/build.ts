import { join } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import type { BuildInput } from '../input.ts';
import { chooseLock } from '../install/choose-lock.ts';
import type { PackageLock } from '../install/lock.ts';
import { readNewEntry } from '../install/new-entry.ts';
import { installFolder, isInstalled } from '../install/place.ts';
import { silentFailure, thrownFailure } from './failures.ts';
import { runHost } from './host-process.ts';
import { withLineText } from './line-text.ts';
import { builderEnvironment } from './settings-env.ts';

export interface BuildRun {
  /** Absolute path of the bundled `tools/host.ts`. */
  readonly host: string;
  /**
   * Finds the cause of a failed build in what was printed, where the builder itself only says that a command failed. Its
   * position is relative to the project's folder.
   */
  readonly explain?: (lines: readonly string[]) => readonly Omit<Failure, 'service'>[];
}

/**
 * Runs a builder package on a service, in a process of its own, and leaves Build Output.
 *
 * Failures: `build-failed` (what the builder threw, or how it ended), `builder-failed` (it is no builder, or what it
 * returned is no result).
 */
export async function buildWithPackage(
  input: BuildInput,
  context: ToolContext,
  { host, explain }: BuildRun,
): Promise<Result<unknown>> {
  const lock = await lockInUse(input, context);
  if (!lock.ok) return lock;
  const installed = installFolder(input.package, lock.value);
  if (!isInstalled(installed)) throw new Error(`${installed} is gone since the step before`);
  const { boundary, root, output } = context;
  const request = { input, installed, boundary, root, output };
  const { answer, end, lines } = await runHost(host, request, builderEnvironment(input), input.timeLimit);
  if (answer?.type === 'built') return ok(null);
  const last = lines.slice(-20);
  if (!answer) return failed(silentFailure(input, end, last));
  const found = answer.stage === 'build' ? (explain?.(lines) ?? []) : [];
  const causes = await Promise.all(found.map(cause => withLineText(cause, join(boundary, input.project))));
  return failed(...(causes.length > 0 ? causes : [thrownFailure(input, answer.stage, answer.error, last)]));
}

/** The lockfile that the install step went by. */
async function lockInUse(input: BuildInput, context: ToolContext): Promise<Result<PackageLock>> {
  const project = join(context.boundary, input.project);
  const known = await chooseLock({ name: input.package, wanted: input.wanted }, project);
  if (!known.ok) return known;
  const lock = known.value ?? (await readNewEntry(context.output))?.lock;
  if (!lock) throw new Error(`${input.package} was not installed by the step before`);
  return ok(lock);
}
