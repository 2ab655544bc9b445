import { setFlagsFromString } from 'node:v8';
import { EXIT, exitCodeFor, type Result } from '@svc/contracts';
import { openSession } from '../session.ts';
import { beginBuild } from './begin.ts';
import type { BuildOptions } from './options.ts';

/**
 * Looking at 100,000 files leaves garbage as fast as V8 lets it: by itself it would take 48 MB before it collects, a third of
 * what a build may use at all, and gain no time by it.
 */
const LITTLE_GARBAGE = '--semi-space-growth-factor=1';

/** The whole build, when there is something to do. */
export async function build(options: Result<BuildOptions>): Promise<number> {
  setFlagsFromString(LITTLE_GARBAGE);
  const session = openSession({ json: options.ok && options.value.json });
  if (!options.ok) return session.refuse(options.failures);

  const begun = await beginBuild(options.value, session);
  if (!begun.ok) return session.refuse(begun.failures);
  const { build } = begun.value;
  const lock = await session.hold(build.project, build.target);
  if (!lock.ok) return session.refuse(lock.failures);

  const { assembleDeployment, prepareRun, remember, runBuild } = await import('./phases.ts');
  const prepared = await prepareRun(begun.value, options.value, session);
  if (!prepared.ok) return session.refuse(prepared.failures);
  const built = await runBuild(build, options.value, prepared.value, session);
  if (!built.ok) return session.refuse(built.failures);
  const deployment = await assembleDeployment(build, built.value, prepared.value, session);
  await remember(build, options.value, prepared.value, built.value, deployment, session);
  await built.value.cleanUp();
  if (deployment.ok) await deployment.value.previousGone;
  if (session.signal.aborted) return session.interrupted();
  return deployment.ok ? EXIT.done : exitCodeFor(deployment.failures);
}
