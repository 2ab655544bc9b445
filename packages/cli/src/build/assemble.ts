import { relative } from 'node:path';
import { type Assembled, assemble } from '@svc/assembler';
import type { Deployment, Failure, Result } from '@svc/contracts';
import { failed } from '@svc/contracts';
import type { Reused, RunResult } from '@svc/queue';
import { intactServices } from '../cache/moved-files.ts';
import { elapsed } from '../elapsed.ts';
import type { Session } from '../session.ts';
import { svcVersion } from '../version.ts';
import { LastOutputs } from './last-outputs.ts';
import type { Build } from './plan.ts';
import type { Prepared } from './prepare.ts';

/** Puts the finished services together, unless one has failed, and tells how the run ended. */
export async function assembleDeployment(
  build: Build,
  run: RunResult,
  { decided }: Prepared,
  session: Session,
): Promise<Result<Assembled>> {
  const failures = run.services.flatMap(service => service.failures);
  const isComplete = failures.length === 0 && !session.signal.aborted;
  const last = new LastOutputs(build.project, build.target);
  const deployment = isComplete
    ? await assembleOutputs(build, run, last, decided?.reused)
    : failed(...failures);
  if (deployment.ok) await last.clear();
  else if (!session.signal.aborted) await last.putAside(run.services);
  const told = deployment.ok ? [] : deployment.failures;
  const summary = summarise(build, run, told, deployment.ok ? deployment.value : null);
  session.emit({ type: 'run.finished', summary });
  return deployment;
}

async function assembleOutputs(
  build: Build,
  run: RunResult,
  last: LastOutputs,
  reused: ReadonlyMap<string, Reused> | undefined,
): Promise<Result<Assembled>> {
  const { project, plan, builders, target } = build;
  const versions = builders.map(({ name, version }) => [`builder:${name}`, version] as const);
  const built = run.services.flatMap(({ name, output }) =>
    output ? [{ service: name, directory: output }] : [],
  );
  const kept = run.services.filter(({ state }) => state === 'kept').map(({ name }) => name);
  // What is kept because it fits is that in the deployment, not what a failed run put aside.
  const aside = last.notDeployed(kept.filter(name => !reused?.has(name)));
  return assemble({
    project,
    plan,
    outputs: [...built, ...aside],
    kept: kept.filter(name => !aside.some(({ service }) => service === name)),
    intact: intactServices(reused),
    target,
    tools: { svc: svcVersion(), node: process.version, ...Object.fromEntries(versions) },
    timings: run.timings,
  });
}

function summarise(
  build: Build,
  run: RunResult,
  failures: readonly Failure[],
  deployment: Deployment | null,
) {
  return {
    ok: deployment !== null,
    duration: Math.round(elapsed()),
    ...(deployment && { output: shortPath(deployment.directory), deployment: deployment.manifest.id }),
    services: run.services.map(({ name, state, duration, size }) => ({ name, state, duration, size })),
    routes: build.project.public.rules,
    failures,
    unpromised: run.unpromised,
  };
}

/** As the user would type it from where they are. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short || '.';
}
