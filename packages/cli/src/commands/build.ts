import { EXIT, exitCodeFor } from '@svc/contracts';
import { openProject } from '../build/open.ts';
import { readBuildOptions } from '../build/options.ts';
import { openSession } from '../session.ts';

/** Builds all services and puts their outputs together as one deployment directory. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readBuildOptions(args);
  const session = openSession({ json: options.ok && options.value.json });
  if (!options.ok) return session.refuse(options.failures);

  const opened = await openProject(options.value.directory, { willRun: true });
  if (!opened.ok) return session.refuse(opened.failures);
  const { assembleDeployment, chooseAhead, planBuild, runBuild } = await import('../build/phases.ts');
  const mechanism = chooseAhead(opened.value, options.value.isolation);
  const build = await planBuild(opened.value, options.value, session);
  if (!build.ok) return session.refuse(build.failures);
  const lock = await session.hold(build.value.project, build.value.target);
  if (!lock.ok) return session.refuse(lock.failures);

  const built = await runBuild(build.value, options.value, mechanism, session);
  if (!built.ok) return session.refuse(built.failures);
  const deployment = await assembleDeployment(build.value, built.value, session);
  await built.value.cleanUp();
  if (session.signal.aborted) return session.interrupted();
  return deployment.ok ? EXIT.done : exitCodeFor(deployment.failures);
}
