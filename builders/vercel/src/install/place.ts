import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { lockedVersion, lockKey, type PackageLock } from './lock.ts';

/** svc's own folder in the user's cache; steps have a home of their own, so the queue names it to them. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.SVC_CACHE_DIR ?? join(homedir(), '.cache', 'svc');
}

/** Where a builder package is or will be installed: a folder for each lockfile, which never changes once it is there. */
export function installFolder(name: string, lock: PackageLock, cache = cacheFolder()): string {
  const plain = name.replace(/^@/, '').replaceAll('/', '-');
  return join(cache, 'builders', `${plain}-${lockedVersion(lock, name) ?? 'unknown'}-${lockKey(lock)}`);
}

/** Folders appear by rename, so one that is there is complete. */
export function isInstalled(folder: string): boolean {
  return existsSync(join(folder, 'node_modules'));
}
