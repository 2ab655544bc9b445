import {
  DIGEST_BYTES,
  FIELDS,
  type FileChange,
  type Inventory,
  kindOf,
  type LastBuild,
  rangeOf,
} from '@svc/cache';

/** How all inputs differ from those of the last finished build; every service picks what it sees. */
export function changedFiles(last: LastBuild, inventory: Inventory): FileChange[] {
  const changes: FileChange[] = [];
  const known = new Set<string>();
  const [start, end] = rangeOf(last.header, 'inputs');
  for (let index = start; index < end; index++) {
    const path = last.paths[index] ?? '';
    known.add(path);
    const file = inventory.files.get(path);
    if (!file) {
      changes.push({ path, how: 'deleted' });
      continue;
    }
    const digest = last.digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
    const was = kindOf(statLike(last.stats[index * FIELDS + 4] ?? 0));
    const is = kindOf(file.stat);
    if (was !== is && (is === 'link' || digest.equals(file.digest))) changes.push({ path, how: is });
    else if (was !== is || !digest.equals(file.digest)) changes.push({ path, how: 'changed' });
  }
  for (const path of inventory.files.keys()) if (!known.has(path)) changes.push({ path, how: 'new' });
  return changes;
}

/** Empty folders that came, and folders that went: a build may look whether one is there. In words. */
export function changedFolders(
  last: LastBuild,
  inventory: Inventory,
  sees: (path: string) => boolean,
): readonly string[] {
  const [start, end] = rangeOf(last.header, 'folders');
  const before = new Set(last.paths.slice(start, end));
  const now = new Set(inventory.folders.map(({ path }) => path));
  const added = inventory.folders.filter(({ path, isEmpty }) => isEmpty && !before.has(path) && sees(path));
  const gone = [...before].filter(path => !now.has(path) && sees(path));
  return [
    ...added.map(({ path }) => `the empty folder ${path} is new`),
    ...gone.map(path => `the folder ${path} was deleted`),
  ];
}

const TYPE = 0o170000;
const LINK = 0o120000;

function statLike(mode: number) {
  return { mode, isSymbolicLink: () => (mode & TYPE) === LINK };
}
