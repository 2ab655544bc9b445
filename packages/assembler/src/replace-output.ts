import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { lockOutputNow } from './lock.ts';
import { removeTreeNow } from './place.ts';
import { newSiblings, recoverOutputNow, swapIn } from './siblings.ts';
import { mayBeReplaced, realTarget } from './target.ts';
import { writeFailure } from './writing.ts';

/**
 * Puts a whole deployment in the place of the one at `target`, where svc has made one before: `fill` makes it in a folder
 * that does not exist yet, and only when that has succeeded (true) is it swapped in. All of it before anything else of the
 * process runs, so there is nobody to keep responsive; killed at any moment it leaves what the next run puts right.
 *
 * False when that cannot be done: another process is at work there, something else than a deployment has come to lie there,
 * it may not be written, or `fill` has given up. Why is a build's to find out and tell.
 */
export function replaceOutput(target: string, fill: (directory: string) => boolean): boolean {
  try {
    const place = realTarget(target);
    const lock = lockOutputNow(place);
    if (!lock) return false;
    try {
      recoverOutputNow(place);
      return mayBeReplaced(place) && fillAndSwap(place, fill);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!writeFailure(target, error)) throw error;
    return false;
  }
}

function fillAndSwap(place: string, fill: (directory: string) => boolean): boolean {
  mkdirSync(dirname(place), { recursive: true });
  const siblings = newSiblings(place);
  let isIn = false;
  try {
    if (!fill(siblings.fresh)) return false;
    const { replaced } = swapIn(siblings, place);
    isIn = true;
    if (replaced) removeTreeNow(siblings.previous);
    return true;
  } finally {
    if (!isIn) removeTreeNow(siblings.fresh);
  }
}
