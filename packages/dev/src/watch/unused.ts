import { posix } from 'node:path';
import dockerignore from '@balena/dockerignore';
import type { DevelopmentPlan } from '@svc/builder-kit';
import { isWithin } from './watch.ts';

/**
 * Says of files whether a service's plan leaves them out: see `DevelopmentPlan.unused`. All paths are relative to the boundary.
 *
 * @param directory the service's root.
 */
export function unusedFilter(
  directory: string,
  { unused }: Pick<DevelopmentPlan, 'unused'>,
): (path: string) => boolean {
  if (!unused) return () => false;
  const from = posix.join(directory, unused.from).replace(/(?<=.)\/$/, '');
  const except = new Set(unused.except.map(file => posix.join(directory, file)));
  const patterns = dockerignore.default().add([...unused.patterns]);
  return path => !except.has(path) && isWithin(from, path) && patterns.ignores(posix.relative(from, path));
}
