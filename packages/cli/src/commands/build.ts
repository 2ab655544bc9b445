import { EXIT, exitCodeFor } from '@svc/contracts';
import { readBuildOptions } from '../build/options.ts';
import { planBuild } from '../build/plan.ts';
import { openSession } from '../session.ts';

/** Builds all services and puts their outputs together as one deployment directory. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readBuildOptions(args);
  const session = openSession({ json: options.ok && options.value.json });
  if (!options.ok) return session.refuse(options.failures);

  // What comes later is loaded while git and the planner are at work.
  const later = Promise.all([import('../build/run.ts'), import('../build/assemble.ts')]);
  const build = await planBuild(options.value, session);
  if (!build.ok) return session.refuse(build.failures);
  const lock = await session.hold(build.value.project, build.value.target);
  if (!lock.ok) return session.refuse(lock.failures);

  const [{ runBuild }, { assembleDeployment }] = await later;
  const built = await runBuild(build.value, options.value, session);
  if (!built.ok) return session.refuse(built.failures);
  const deployment = await assembleDeployment(build.value, built.value, session);
  await built.value.cleanUp();
  if (session.signal.aborted) return session.interrupted();
  return deployment.ok ? EXIT.done : exitCodeFor(deployment.failures);
}
