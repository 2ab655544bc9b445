import { posix } from 'node:path';
import type { DevelopedService } from '@svc/planner';
import { unusedFilter } from './unused.ts';
import { isWithin } from './watch.ts';

const filters = new WeakMap<DevelopedService, (path: string) => boolean>();

/**
 * Whether a service is made of a file, so that it has to take up a change of it. Paths are relative to the boundary.
 *
 * @param otherRoots the roots of all other services.
 */
export function isInputOf(developed: DevelopedService, otherRoots: readonly string[], path: string): boolean {
  const { directory, inputs, development } = developed;
  const generated = (development.generated ?? []).map(folder => posix.join(directory, folder));
  if (generated.some(folder => isWithin(folder, path))) return false;
  if (inputs.files.includes(path)) return true;
  const [nearest] = inputs.roots
    .filter(root => isWithin(root, path))
    .sort((one, other) => other.length - one.length);
  if (nearest === undefined) return false;
  // Another service's folder inside this one's, or inside the context of this one's image, is not its own.
  const isOthers = otherRoots.some(
    root => root !== nearest && isWithin(nearest, root) && isWithin(root, path),
  );
  return !isOthers && !isUnused(developed, path);
}

function isUnused(developed: DevelopedService, path: string): boolean {
  let filter = filters.get(developed);
  if (!filter) {
    filter = unusedFilter(developed.directory, developed.development);
    filters.set(developed, filter);
  }
  return filter(path);
}
