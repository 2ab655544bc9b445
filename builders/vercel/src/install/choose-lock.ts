import { failed, ok, type Result } from '@svc/contracts';
import { PROJECT_LOCK } from '../input.ts';
import type { PackageRequest } from '../packages.ts';
import { lockedVersion, type PackageLock, unverified } from './lock.ts';
import { PINNED_LOCKS } from './pinned-locks.ts';
import { readProjectLock } from './project-lock.ts';

/**
 * The lockfile to install a builder package from: the one that comes with svc when no other version is wanted, else the
 * project's entry when it was made for the same wish; `undefined` when the package has to be looked up first.
 *
 * Failures: `builder-install-failed` for a project's lockfile that can't be read or that doesn't vouch for what it lists.
 */
export async function chooseLock(
  { name, wanted }: PackageRequest,
  project: string,
): Promise<Result<PackageLock | undefined>> {
  const pinned = PINNED_LOCKS[name];
  if (pinned && (wanted === null || wanted === lockedVersion(pinned, name))) return ok(pinned);
  const lock = await readProjectLock(project);
  if (!lock.ok) return lock;
  const entry = lock.value.builders[name];
  if (!entry || entry.wanted !== wanted) return ok(undefined);
  const missing = [
    ...unverified(entry.lock),
    ...(lockedVersion(entry.lock, name) ? [] : [`node_modules/${name}`]),
  ];
  if (missing.length === 0) return ok(entry.lock);
  return failed({
    code: 'builder-install-failed',
    message: `the entry of ${name} in ${PROJECT_LOCK} lacks the integrity of ${missing.join(', ')}`,
    help: `Restore ${PROJECT_LOCK} from version control, or remove the entry and build again to have it written anew.`,
    position: { file: PROJECT_LOCK, line: 1, column: 1 },
  });
}
