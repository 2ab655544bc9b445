import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ok, type Result } from '@svc/contracts';
import { isObject, parseJson } from './json.ts';
import { MANIFEST_FILE } from './manifest-file.ts';
import { isRunning, newOwner, type Owner, touchedLately } from './owner.ts';
import { removeTree, removeTreeNow } from './place.ts';
import { isErrno, writing } from './writing.ts';

/**
 * Folders beside an output: `.tmp` is a deployment being written, `.old` the last one while the new one takes its place.
 * The name says whose they are, so that those of a run that was killed can be told from those of one that runs.
 */
const NAME = /^(\d+)-(\d*)-([0-9a-f]*)-([0-9a-f]*)-([0-9a-f]{8})\.(tmp|old)$/;

/** What is left of a run that was killed at the very moment of taking over a dead run's lock. */
const LOCK_REMAINS = /^lock\.(?:[0-9a-f]{8}|unreadable)(?:\.new)?$/;

export interface Siblings {
  readonly fresh: string;
  readonly previous: string;
}

/** Names for one run, on the same file system as the target, where a rename is atomic. */
export function newSiblings(target: string): Siblings {
  const { pid, started, boot, space, nonce } = newOwner();
  const stem = `${target}.${pid}-${started}-${boot}-${space}-${nonce}`;
  return { fresh: `${stem}.tmp`, previous: `${stem}.old` };
}

/**
 * Puts the finished `fresh` folder in the target's place, with the folders of `kept` services, which it takes from what is
 * there. A process killed meanwhile leaves no target, and an `.old` folder, which `recoverOutput` brings back with what was
 * taken from it.
 *
 * `kept-stay`: those folders cannot be moved here, and everything is as it was.
 */
export function swapInWith(
  kept: readonly string[],
  siblings: Siblings,
  target: string,
): { readonly replaced: boolean } | 'kept-stay' {
  try {
    return swap(kept, siblings, target);
  } catch (error) {
    if (isErrno(error, ...IMMOVABLE)) return 'kept-stay';
    throw error;
  }
}

/** A mount point, a folder from below on an overlay file system, or somebody else's folder. */
const IMMOVABLE = ['EXDEV', 'EBUSY', 'EACCES', 'EPERM'];

/** The same of a `fresh` folder that holds all services. */
export function swapIn(siblings: Siblings, target: string): { readonly replaced: boolean } {
  return swap([], siblings, target);
}

function swap(kept: readonly string[], { fresh, previous }: Siblings, target: string) {
  const replaced = moveIfThere(target, previous);
  try {
    for (const name of kept) renameSync(serviceFolder(previous, name), serviceFolder(fresh, name));
    renameSync(fresh, target);
    return { replaced };
  } catch (error) {
    if (replaced) {
      giveBack(previous, fresh);
      renameSync(previous, target);
    }
    throw error;
  }
}

/** Moves the services that were taken from a deployment for a fresh one to where they were. */
function giveBack(previous: string, fresh: string): void {
  const there = namesIn(join(fresh, 'services'));
  if (there.length === 0) return;
  const own = servicesOf(previous);
  const taken = there.filter(name => own.has(name) && !existsSync(serviceFolder(previous, name)));
  for (const name of taken) moveIfThere(serviceFolder(fresh, name), serviceFolder(previous, name));
}

/** The services that a deployment consists of by its manifest; none where it is not one of svc's. */
function servicesOf(deployment: string): Set<string> {
  const file = join(deployment, MANIFEST_FILE);
  const manifest = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined;
  if (!isObject(manifest) || !Array.isArray(manifest.services)) return new Set();
  return new Set(manifest.services.map(service => (isObject(service) ? String(service.name) : '')));
}

function serviceFolder(deployment: string, name: string): string {
  return join(deployment, 'services', name);
}

function moveIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

/**
 * Cleans up after runs that were killed: brings back the last good deployment if one of them had just moved it aside,
 * and deletes what dead runs left beside `target`. What a living process is working on is left alone. To be called at
 * the beginning of everything that reads or writes an output.
 */
export async function recoverOutput(
  target: string,
): Promise<Result<{ readonly restored: boolean; readonly removed: number }>> {
  return writing(target, async () => {
    const { restored, leftovers } = bringBack(target);
    for (const { path } of leftovers) await removeTree(path);
    return ok({ restored, removed: leftovers.length });
  });
}

/** The same without a pause; errors of the file system are thrown. */
export function recoverOutputNow(target: string): void {
  for (const { path } of bringBack(target).leftovers) removeTreeNow(path);
}

function bringBack(target: string) {
  const dead = deadSiblings(target);
  const newest = dead
    .filter(sibling => sibling.kind === 'old')
    .sort((a, b) => b.movedAt - a.movedAt)
    .at(0);
  const lost = newest !== undefined && statSync(target, { throwIfNoEntry: false }) === undefined;
  if (lost) giveBack(newest.path, newest.path.replace(/\.old$/, '.tmp'));
  // Another process may have recovered it in the meantime: then there is nothing left to bring back.
  const restored = lost && moveIfThere(newest.path, target);
  return { restored, leftovers: dead.filter(sibling => !(lost && sibling === newest)) };
}

function deadSiblings(target: string) {
  const folder = dirname(target);
  const prefix = `${basename(target)}.`;
  return namesIn(folder).flatMap(name => {
    if (!name.startsWith(prefix)) return [];
    const rest = name.slice(prefix.length);
    if (LOCK_REMAINS.test(rest) && !touchedLately(join(folder, name))) {
      return [{ path: join(folder, name), kind: 'lock', movedAt: 0 }];
    }
    const match = NAME.exec(rest);
    if (!match) return [];
    const [, pid = '', started = '', boot = '', space = '', nonce = '', kind = ''] = match;
    const path = join(folder, name);
    const owner: Owner = { pid: Number(pid), started, boot, space, nonce };
    if (isRunning(owner, path)) return [];
    return [{ path, kind, movedAt: statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0 }];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
