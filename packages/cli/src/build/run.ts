import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result, type ServicePlan, type WorkingView } from '@svc/contracts';
import { chooseMechanism, type IsolationLevel, type RunResult, runPlan } from '@svc/queue';
import { toolModules } from '../builders.ts';
import { toolFolders } from '../places.ts';
import type { Session } from '../session.ts';
import { LastOutputs } from './last-outputs.ts';
import type { BuildOptions } from './options.ts';
import type { Build } from './plan.ts';
import type { Prepared } from './prepare.ts';

/**
 * Finds out how steps can be isolated here before the plan is made: it takes as long as listing the files, and does not
 * depend on them. A project's first build does it later, since nothing is written before its configuration is accepted.
 */
export function chooseAhead(
  directory: string,
  level: IsolationLevel,
): ReturnType<typeof chooseMechanism> | undefined {
  const work = join(directory, '.svc', 'work');
  if (!existsSync(work)) return undefined;
  const chosen = chooseMechanism(level, work);
  // Whoever awaits it hears of errors; a project that is refused first leaves nobody who does.
  chosen.catch(() => undefined);
  return chosen;
}

/** Runs the plan's steps and finishes every service's output tree. */
export async function runBuild(
  build: Build,
  options: BuildOptions,
  { mechanism, declared, decided }: Prepared,
  session: Session,
): Promise<Result<RunResult>> {
  const { project, plan, sources, builders, plugins, target, selected } = build;
  const last = new LastOutputs(project, target);
  return runPlan({
    project,
    plan,
    sources,
    caller: process.env,
    declared,
    concurrency: options.concurrency,
    isolation: options.isolation,
    mechanism,
    force: options.force,
    tools: {
      modules: toolModules(builders),
      folders: [...plugins.folders, ...toolFolders()],
      preloads: plugins.preloads,
    },
    target,
    selected,
    reused: decided?.reused,
    hasPrevious: service => last.has(service),
    finish: (service, view, output) => finishService(build, service, view, output),
    emit: session.emit,
    signal: session.signal,
  });
}

async function finishService(
  { project, builders }: Build,
  plan: ServicePlan,
  view: WorkingView,
  output: string,
): Promise<Result<unknown>> {
  const builder = builders.find(({ name }) => name === plan.builder.name);
  const service = project.services.find(({ name }) => name === plan.name);
  if (!builder || !service)
    throw new Error(`the plan names ${plan.name} and ${plan.builder.name}, which are not there`);
  const config = await builder.finish({
    service,
    plan,
    project: project.directory,
    view,
    output,
    publicCleanUrls: project.public.cleanUrls === true,
  });
  if (!config.ok) return config;
  await writeFile(join(output, 'config.json'), `${JSON.stringify(config.value, null, 2)}\n`);
  return ok(undefined);
}
