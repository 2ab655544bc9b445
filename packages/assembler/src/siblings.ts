import { readdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ok, type Result } from '@svc/contracts';
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
 * Puts the finished `fresh` folder in the target's place. A process killed between the two renames leaves no target and
 * an `.old` folder, which `recoverOutput` brings back.
 */
export function swapIn(siblings: Siblings, target: string): { readonly replaced: boolean } {
  const replaced = moveIfThere(target, siblings.previous);
  try {
    renameSync(siblings.fresh, target);
  } catch (error) {
    if (replaced) renameSync(siblings.previous, target);
    throw error;
  }
  return { replaced };
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
