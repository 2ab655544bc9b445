import { posix } from 'node:path';
import type { BuilderPlan, PlanRequest } from '@svc/builder-kit';
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
  const { service, directory } = request;
  const others = services.filter(
    other => other.name !== service.name && posix.normalize(other.directory) !== posix.normalize(directory),
  );
  const own = [
    ...named('entrypoint', plan.entrypoint === null ? [] : [plan.entrypoint]),
    ...named('outputDirectory', plan.outputDirectory === null ? [] : [plan.outputDirectory]),
    ...named('caches', plan.caches),
    ...plan.steps.flatMap(step => named(`outputs of the step "${step.label}"`, step.outputs ?? [])),
  ];
  const ownProblems = own.flatMap(({ field, path }) => {
    const owner = others.find(other => contains(other.directory, posix.join(directory, path)));
    if (owner) return [`claims ${path} (${field}), which belongs to the service "${owner.name}"`];
    if (staysInside(path)) return [];
    return [`names ${path} (${field}), which is outside of the service's root ${service.root}`];
  });
  const inputProblems = (plan.inputs ?? []).flatMap(path => {
    if (!staysInside(path)) return [`names the input ${path}, which is outside of the project`];
    const owner = others.find(
      other => !contains(other.directory, directory) && contains(other.directory, path),
    );
    return owner ? [`names the input ${path}, which belongs to the service "${owner.name}"`] : [];
  });
  const unknown = plan.steps.flatMap(({ command }) =>
    command.type === 'tool' && !tools.includes(command.tool)
      ? [`has a step that runs the tool "${command.tool}", but its tools are ${tools.join(', ') || 'none'}`]
      : [],
  );
  return [...ownProblems, ...inputProblems, ...unknown];
}

function named(field: string, paths: readonly string[]) {
  return paths.map(path => ({ field, path }));
}
