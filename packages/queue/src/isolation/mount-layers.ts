import type { CopyFolders } from '../folders.ts';
import { contains, parentOf } from '../paths.ts';
import type { Layer } from '../view.ts';
import { type Ground, isShown, type Rules } from '../visibility.ts';

/**
 * The layers of a mounted working copy as they lie on disk, top first: for reading them without mounting. In a composed
 * folder only mounted folders come from below; its files are in the skeleton, from where a step may have deleted them.
 *
 * @param mounted the folders that overlays show, relative to the boundary.
 */
export function mountLayers(
  ground: Ground,
  rules: Rules,
  own: CopyFolders,
  base: CopyFolders | null,
  mounted: ReadonlySet<string>,
): Layer[] {
  const isReserved = (path: string) => ground.reserved.some(reserved => contains(reserved, path));
  const comesFromBelow = (path: string) =>
    !isReserved(path) && (ground.composed.has(path) || (isWithin(mounted, path) && isShown(path, rules)));
  const single = new Set(rules.files);
  const isSource = (path: string) =>
    comesFromBelow(path) && (single.has(path) || !isWithin(ground.ignored, path));
  return [
    { folder: own.skeleton, shows: path => !isReserved(path) },
    { folder: own.upper, shows: path => !isReserved(path) },
    ...(base ? [base.skeleton, base.upper].map(folder => ({ folder, shows: comesFromBelow })) : []),
    { folder: ground.boundary, shows: isSource },
  ];
}

/** Whether a path is one of these, or lies below one. */
function isWithin(folders: ReadonlySet<string>, path: string): boolean {
  for (let part = path; part !== '.'; part = parentOf(part)) if (folders.has(part)) return true;
  return false;
}
