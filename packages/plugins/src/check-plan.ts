import { posix } from 'node:path';
import type { BuilderPlan, PlanRequest, StepDraft } from '@svc/builder-kit';
import { contains, staysInside } from './paths.ts';

/** The root of a service, relative to the boundary. */
export interface ServiceRoot {
  readonly name: string;
  readonly directory: string;
}

/**
 * What a plan asks for although it is not its service's to have, each a sentence without its subject: paths that leave
 * the root, other services' files, tools that the builder does not bring. Empty when all is well.
 */
export function planProblems(
  plan: BuilderPlan,
  request: Pick<PlanRequest, 'service' | 'directory'>,
  services: readonly ServiceRoot[],
  tools: readonly string[],
): string[] {
  const { directory } = request;
  const others = otherRoots(request, services);
  const own = [
    ...named('entrypoint', plan.entrypoint === null ? [] : [plan.entrypoint]),
    ...named('outputDirectory', plan.outputDirectory === null ? [] : [plan.outputDirectory]),
    ...named('caches', plan.caches),
    ...plan.steps.flatMap(step => named(`outputs of the step "${step.label}"`, step.outputs ?? [])),
  ];
  const inputProblems = (plan.inputs ?? []).flatMap(path => {
    if (!staysInside(path)) return [`names the input ${path}, which is outside of the project`];
    const owner = others.find(
      other => !contains(other.directory, directory) && contains(other.directory, path),
    );
    return owner ? [`names the input ${path}, which belongs to the service "${owner.name}"`] : [];
  });
  return [...ownPathProblems(own, request, services), ...inputProblems, ...unknownTools(plan.steps, tools)];
}

/** Paths from the service's root that leave it, or lead into another service's. */
export function ownPathProblems(
  own: readonly { readonly field: string; readonly path: string }[],
  request: Pick<PlanRequest, 'service' | 'directory'>,
  services: readonly ServiceRoot[],
): string[] {
  const { service, directory } = request;
  const others = otherRoots(request, services);
  return own.flatMap(({ field, path }) => {
    const owner = others.find(other => contains(other.directory, posix.join(directory, path)));
    if (owner) return [`claims ${path} (${field}), which belongs to the service "${owner.name}"`];
    if (staysInside(path)) return [];
    return [`names ${path} (${field}), which is outside of the service's root ${service.root}`];
  });
}

export function unknownTools(steps: readonly StepDraft[], tools: readonly string[]): string[] {
  return steps.flatMap(({ command }) =>
    command.type === 'tool' && !tools.includes(command.tool)
      ? [`has a step that runs the tool "${command.tool}", but its tools are ${tools.join(', ') || 'none'}`]
      : [],
  );
}

function otherRoots(
  { service, directory }: Pick<PlanRequest, 'service' | 'directory'>,
  services: readonly ServiceRoot[],
): ServiceRoot[] {
  return services.filter(
    other => other.name !== service.name && posix.normalize(other.directory) !== posix.normalize(directory),
  );
}

function named(field: string, paths: readonly string[]) {
  return paths.map(path => ({ field, path }));
}
