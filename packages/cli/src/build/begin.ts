import { ok, type Result } from '@svc/contracts';
import type { Mechanism } from '@svc/queue';
import { projectWithPlan, type Recalled, recall } from '../cache/recall.ts';
import type { Session } from '../session.ts';
import type { BuildOptions } from './options.ts';
import type { Build } from './plan.ts';

/** A build that knows what it will do. */
export interface Begun {
  readonly build: Build;
  readonly mechanism: Promise<Result<Mechanism>> | undefined;
  /** What is known from the last build where its plan still holds. */
  readonly recalled: Recalled | undefined;
}

/** Plans a build: by the last build's plan where that still holds, else from the beginning. */
export async function beginBuild(options: BuildOptions, session: Session): Promise<Result<Begun>> {
  const project = projectWithPlan(options);
  if (project === undefined) return planAnew(options, session, undefined);
  const { chooseAhead, planRecalled } = await import('./phases.ts');
  // Takes the machine as long as all that follows takes svc.
  const mechanism = chooseAhead(project, options.isolation);
  const recalled = await recall(project, options);
  const build = recalled && (await planRecalled(recalled, options, session));
  return build ? ok({ build, mechanism, recalled }) : planAnew(options, session, mechanism);
}

async function planAnew(
  options: BuildOptions,
  session: Session,
  ahead: Begun['mechanism'],
): Promise<Result<Begun>> {
  const { openProject } = await import('./open.ts');
  const opened = await openProject(options.directory, { willRun: true });
  if (!opened.ok) return opened;
  const [{ chooseAhead }, { planBuild }] = await Promise.all([import('./phases.ts'), import('./plan.ts')]);
  const mechanism = ahead ?? chooseAhead(opened.value.directory, options.isolation);
  const build = await planBuild(opened.value, options, session);
  return build.ok ? ok({ build: build.value, mechanism, recalled: undefined }) : build;
}
