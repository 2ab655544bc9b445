import { setFlagsFromString } from 'node:v8';
import { EXIT, exitCodeFor, type Result } from '@svc/contracts';
import { openSession } from '../session.ts';
import { openProject } from './open.ts';
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

  const opened = await openProject(options.value.directory, { willRun: true });
  if (!opened.ok) return session.refuse(opened.failures);
  const { assembleDeployment, chooseAhead, planBuild, prepareRun, remember, runBuild } = await import(
    './phases.ts'
  );
  const mechanism = chooseAhead(opened.value, options.value.isolation);
  const planned = await planBuild(opened.value, options.value, session);
  if (!planned.ok) return session.refuse(planned.failures);
  const lock = await session.hold(planned.value.project, planned.value.target);
  if (!lock.ok) return session.refuse(lock.failures);

  const prepared = await prepareRun(planned.value, options.value, mechanism, session);
  if (!prepared.ok) return session.refuse(prepared.failures);
  const built = await runBuild(planned.value, options.value, prepared.value, session);
  if (!built.ok) return session.refuse(built.failures);
  const deployment = await assembleDeployment(planned.value, built.value, prepared.value, session);
  await remember(planned.value, options.value, prepared.value, built.value, deployment, session);
  await built.value.cleanUp();
  if (session.signal.aborted) return session.interrupted();
  return deployment.ok ? EXIT.done : exitCodeFor(deployment.failures);
}
