import { relative } from 'node:path';
import { assemble } from '@svc/assembler';
import type { Deployment, Failure, Result, RouteLine } from '@svc/contracts';
import { failed } from '@svc/contracts';
import type { RunResult } from '@svc/queue';
import type { Session } from '../session.ts';
import { svcVersion } from '../version.ts';
import type { Build } from './plan.ts';
import { routeLines } from './route-lines.ts';

/** Puts the finished services together, unless one has failed, and tells how the run ended. */
export async function assembleDeployment(
  build: Build,
  run: RunResult,
  session: Session,
): Promise<Result<Deployment>> {
  const failures = run.services.flatMap(service => service.failures);
  const isComplete = failures.length === 0 && !session.signal.aborted;
  const deployment = isComplete ? await assembleOutputs(build, run) : failed(...failures);
  const told = deployment.ok ? [] : deployment.failures;
  session.emit({
    type: 'run.finished',
    summary: summarise(build, run, told, deployment.ok ? deployment.value : null),
  });
  return deployment;
}

function assembleOutputs(
  { project, plan, builders, target }: Build,
  run: RunResult,
): Promise<Result<Deployment>> {
  const versions = builders.map(({ name, version }) => [`builder:${name}`, version] as const);
  return assemble({
    project,
    plan,
    outputs: run.services.flatMap(({ name, output }) =>
      output ? [{ service: name, directory: output }] : [],
    ),
    kept: run.services.filter(({ state }) => state === 'kept').map(({ name }) => name),
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
  const routes: RouteLine[] = routeLines(build.project);
  return {
    ok: deployment !== null,
    duration: Math.round(performance.now()),
    ...(deployment && { output: shortPath(deployment.directory), deployment: deployment.manifest.id }),
    services: run.services.map(({ name, state, duration, size }) => ({ name, state, duration, size })),
    routes,
    failures,
    unpromised: run.unpromised,
  };
}

/** As the user would type it from where they are. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short || '.';
}
