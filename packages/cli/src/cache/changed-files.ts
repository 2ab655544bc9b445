import {
  DIGEST_BYTES,
  FIELDS,
  type FileChange,
  type Inventory,
  identityOf,
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
    if (!digest.equals(file.digest)) changes.push({ path, how: 'changed' });
    else if (
      identityOf(file) !== identityOf({ digest, stat: statLike(last.stats[index * FIELDS + 4] ?? 0n) })
    )
      changes.push({ path, how: 'mode' });
  }
  for (const path of inventory.files.keys()) if (!known.has(path)) changes.push({ path, how: 'new' });
  return changes;
}

const TYPE = 0o170000n;
const LINK = 0o120000n;

function statLike(mode: bigint) {
  return { mode, isSymbolicLink: () => (mode & TYPE) === LINK };
}
