import { createHash } from 'node:crypto';
import type { JsonObject } from '@svc/contracts';

/** A lockfile of npm's (version 3), as far as it is read here. */
export interface PackageLock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** Where packages are listed whose integrity nobody vouches for; empty for a sound lockfile. */
export function unverified(lock: PackageLock): string[] {
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && (entry.link === true || !entry.integrity))
    .map(([path]) => path);
}

/** The version that a lockfile holds of a package. */
export function lockedVersion(lock: PackageLock, name: string): string | undefined {
  return lock.packages[`node_modules/${name}`]?.version;
}

/** A lockfile without the addresses of the registry that it was made with: the integrity hashes say what is right. */
export function withoutAddresses(lock: PackageLock): PackageLock {
  const packages = Object.entries(lock.packages).map(
    ([path, { resolved: _, ...entry }]) => [path, entry] as const,
  );
  return { ...lock, packages: Object.fromEntries(packages) };
}

/** The `package.json` that belongs to a lockfile: npm wants both and compares them. */
export function manifestOf(lock: PackageLock): JsonObject {
  return { name: 'svc-builder', private: true, dependencies: { ...lock.packages['']?.dependencies } };
}

/** The same lockfile has the same key everywhere: it names the folder that it is installed in. */
export function lockKey(lock: PackageLock): string {
  return createHash('sha256').update(JSON.stringify(lock)).digest('hex').slice(0, 16);
}
