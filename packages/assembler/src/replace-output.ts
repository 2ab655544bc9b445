import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Result } from '@svc/contracts';
import { lockOutput } from './lock.ts';
import { removeTree } from './place.ts';
import { newSiblings, recoverOutput, swapIn } from './siblings.ts';
import { realTarget } from './target.ts';
import { writing } from './writing.ts';

/**
 * Puts a whole deployment in the place of the one at `target`: `fill` makes it in a folder that does not exist yet, and only
 * when that has succeeded is it swapped in. For a deployment that svc has made there before.
 */
export async function replaceOutput<T>(
  target: string,
  fill: (directory: string) => Promise<Result<T>>,
): Promise<Result<T>> {
  const place = realTarget(target);
  const lock = await lockOutput(place);
  if (!lock.ok) return lock;
  try {
    const recovered = await recoverOutput(place);
    if (!recovered.ok) return recovered;
    return await writing(place, async () => {
      await mkdir(dirname(place), { recursive: true });
      const siblings = newSiblings(place);
      try {
        const filled = await fill(siblings.fresh);
        if (!filled.ok) return filled;
        if (swapIn(siblings, place).replaced) await removeTree(siblings.previous);
        return filled;
      } finally {
        await removeTree(siblings.fresh);
      }
    });
  } finally {
    lock.value.release();
  }
}
