import type { CopyFolders } from '../folders.ts';
import { contains, parentOf } from '../paths.ts';
import type { Layer } from '../view.ts';
import { type Ground, isShown, type Rules } from '../visibility.ts';

/** The layers of a mounted working copy as they lie on disk, top first: for reading them without mounting. */
export function mountLayers(
  ground: Ground,
  rules: Rules,
  own: CopyFolders,
  base: CopyFolders | null,
): Layer[] {
  const isReserved = (path: string) => ground.reserved.some(reserved => contains(reserved, path));
  const isVisible = (path: string) =>
    !isReserved(path) && (ground.composed.has(path) || isShown(path, rules));
  const single = new Set(rules.files);
  const isSource = (path: string) => isVisible(path) && (single.has(path) || !isIgnored(ground, path));
  return [
    { folder: own.skeleton, shows: path => !isReserved(path) },
    { folder: own.upper, shows: path => !isReserved(path) },
    ...(base ? [base.skeleton, base.upper].map(folder => ({ folder, shows: isVisible })) : []),
    { folder: ground.boundary, shows: isSource },
  ];
}

function isIgnored(ground: Ground, path: string): boolean {
  for (let part = path; part !== '.'; part = parentOf(part)) if (ground.ignored.has(part)) return true;
  return false;
}
