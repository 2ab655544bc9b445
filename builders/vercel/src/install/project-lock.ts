import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, ok, type Result } from '@svc/contracts';
import { PROJECT_LOCK } from '../input.ts';
import type { PackageLock } from './lock.ts';

/** `svc-builders.json`: which builder packages a project uses, and the lockfile of each. */
export interface ProjectLock {
  readonly version: 1;
  readonly builders: Readonly<Record<string, LockEntry>>;
}

export interface LockEntry {
  readonly version: string;
  /** As `svc.json` asked for it; null for whatever was newest. */
  readonly wanted: string | null;
  readonly lock: PackageLock;
}

const EMPTY: ProjectLock = { version: 1, builders: {} };

/**
 * Reads `svc-builders.json`; a project without one has an empty one.
 *
 * @param folder absolute path of the project's folder.
 */
export async function readProjectLock(folder: string): Promise<Result<ProjectLock>> {
  let text: string;
  try {
    text = await readFile(join(folder, PROJECT_LOCK), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return ok(EMPTY);
  }
  const lock = parse(text);
  if (lock) return ok(lock);
  return failed({
    code: 'builder-install-failed',
    message: `${PROJECT_LOCK} is not one that svc wrote: it must be JSON with "version": 1 and the lockfile of each builder`,
    help: 'Restore it from version control, or delete it and build again to have it written anew.',
    position: { file: PROJECT_LOCK, line: 1, column: 1 },
  });
}

function parse(text: string): ProjectLock | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProjectLock> | null;
    const entries = Object.values(value?.builders ?? {});
    const isSound = value?.version === 1 && entries.every(each => typeof each?.lock?.packages === 'object');
    return isSound ? (value as ProjectLock) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The file's text with one more entry, entries in the order of their names so that two people's files merge well. */
export function withEntry(lock: ProjectLock, name: string, entry: LockEntry): string {
  const builders = { ...lock.builders, [name]: entry };
  const sorted = Object.fromEntries(Object.entries(builders).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ version: 1, builders: sorted }, null, 2)}\n`;
}
