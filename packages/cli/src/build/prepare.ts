import { join } from 'node:path';
import type { Assembled } from '@svc/assembler';
import { ok, type Result } from '@svc/contracts';
import { chooseMechanism, type Mechanism, type RunResult } from '@svc/queue';
import { type Decided, decide, lookAround } from '../cache/decide.ts';
import { openCache } from '../cache/open.ts';
import { remember as rememberRun } from '../cache/remember.ts';
import { rememberFinished } from '../cache/remember-finished.ts';
import { readEnvFiles } from '../env-files.ts';
import type { Session } from '../session.ts';
import type { Begun } from './begin.ts';
import type { BuildOptions } from './options.ts';
import type { Build } from './plan.ts';

/** What a run needs to know before its first step. */
export interface Prepared {
  readonly mechanism: Promise<Result<Mechanism>>;
  /** Variables of declared env files, by service. */
  readonly declared: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Null where results are neither used nor kept. */
  readonly decided: Decided | null;
}

/** Reads env files, and finds out which services need not be built. */
export async function prepareRun(
  { build, mechanism: ahead, recalled }: Begun,
  options: BuildOptions,
  session: Session,
): Promise<Result<Prepared>> {
  const declared = await readEnvFiles(build.project, build.plan, options.envFiles);
  if (!declared.ok) return declared;
  const work = join(build.project.directory, '.svc', 'work');
  const mechanism = ahead ?? chooseMechanism(options.isolation, work);
  const prepared = { mechanism, declared: declared.value };
  if (!usesCache(options)) return ok({ ...prepared, decided: null });
  const seen = await lookAround(build, recalled);
  const chosen = await mechanism;
  if (!chosen.ok) return chosen;
  const cache = await openCache(build.project.directory, options.cache, session.emit);
  if (!cache.ok) return cache;
  const decided = await decide({
    build,
    options,
    cache: cache.value,
    declared: declared.value,
    sharesWorkspaces: chosen.value.kind === 'copy',
    recalled,
    seen,
    session,
  });
  return ok({ ...prepared, decided });
}

/** In place, a step sees whatever lies about, so no key says all that its result follows from. */
function usesCache({ cache, isolation }: BuildOptions): boolean {
  const { output, local, remote } = cache;
  return isolation !== 'none' && (output || [local, remote].some(({ read, write }) => read || write));
}

/**
 * Stores what was built and, where there is a deployment, writes down what it was built from. The user has their answer
 * already.
 */
export async function remember(
  build: Build,
  options: BuildOptions,
  { decided }: Prepared,
  result: RunResult,
  deployment: Result<Assembled>,
  session: Session,
): Promise<void> {
  if (!decided) return;
  const notices = [...build.project.warnings, ...build.plan.warnings];
  try {
    if (deployment.ok)
      await rememberRun({ build, options, decided, result, deployment: deployment.value, notices });
    else if (!session.signal.aborted) await rememberFinished(build, decided, result);
  } catch (error) {
    // A full disk, or a folder that may not be written: the deployment is in place, and the next build looks closer.
    const { code, path = '' } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    session.emit({
      type: 'cache.rejected',
      service: null,
      from: 'local',
      reason: `what was built could not be noted down (${code} ${path})`,
    });
  } finally {
    await decided.cache.results.close();
  }
}
