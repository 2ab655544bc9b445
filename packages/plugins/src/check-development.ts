import { isAbsolute, posix, relative } from 'node:path';
import type { DevelopmentPlan, DevelopmentRequest } from '@svc/builder-kit';
import { ownPathProblems, type ServiceRoot, unknownTools } from './check-plan.ts';

/**
 * What a plan for development asks for although it is not its service's to have, each a sentence without its subject. Empty
 * when all is well.
 *
 * @param tools names of the builder's own tools.
 * @param builder absolute path of the builder's own folder, whose modules may serve as well.
 */
export function developmentProblems(
  { install, prepare, serve, programs = [], generated = [], unused }: DevelopmentPlan,
  request: Pick<DevelopmentRequest, 'service' | 'directory' | 'paths' | 'state'>,
  services: readonly ServiceRoot[],
  tools: readonly string[],
  builder: string,
): string[] {
  const own = [
    ...named('generated', generated),
    ...named('unused', unused?.except ?? []),
    ...(serve.type === 'files'
      ? [...named('serve.from', [serve.from]), ...named('serve.files', serve.files ?? [])]
      : []),
    ...(serve.type === 'module' && !isAbsolute(serve.file) ? named('serve.file', [serve.file]) : []),
  ];
  const places = [request.state, request.paths.root, builder];
  const strange = [
    ...named('programs', programs),
    ...(serve.type === 'module' && isAbsolute(serve.file) ? named('serve.file', [serve.file]) : []),
  ].filter(({ path }) => !places.some(place => isBelow(place, path)));
  return [
    ...ownPathProblems(own, request, services),
    ...strange.map(
      ({ field, path }) =>
        `names ${path} (${field}), which is neither in the service's root nor in request.state nor in the builder's own folder`,
    ),
    ...unknownTools([...install, ...prepare], tools),
  ];
}

function isBelow(folder: string, path: string): boolean {
  const inside = relative(folder, posix.normalize(path));
  return isAbsolute(path) && inside !== '..' && !inside.startsWith('../');
}

function named(field: string, paths: readonly string[]) {
  return paths.map(path => ({ field, path }));
}
