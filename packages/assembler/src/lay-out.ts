import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Pace } from './pace.ts';
import { copyTree, makeFolder, removeTree } from './place.ts';
import { newSiblings, type Siblings } from './siblings.ts';
import { intactSources, type Source } from './sources.ts';
import { realTarget } from './target.ts';
import { writeFailure } from './writing.ts';

/** A new deployment that holds so far what it keeps of the last one. It becomes one by `assemble`, or is discarded. */
export interface LaidOut {
  readonly siblings: Siblings;
  /** By service. */
  readonly sources: ReadonlyMap<string, Source>;
  discard(): Promise<void>;
}

/**
 * Begins a deployment of services with what is known to stay as it is (`AssembleRequest.intact`), while the others are still
 * being built: the deployment at `target` is only read. Undefined where that cannot be done; `assemble` says why. The caller
 * holds `lockOutput(target)`.
 */
export async function layOutKept(target: string, intact: ReadonlySet<string>): Promise<LaidOut | undefined> {
  const place = realTarget(target);
  const siblings = newSiblings(place);
  const discard = () => removeTree(siblings.fresh);
  try {
    const sources = intactSources(place, intact);
    mkdirSync(dirname(place), { recursive: true });
    makeServicesFolder(siblings.fresh);
    const pace = new Pace();
    for (const { service, directory, entries } of sources.values()) {
      if (pace.due()) await pace.rest();
      await copyTree(directory, join(siblings.fresh, 'services', service), entries, 'share-normal');
    }
    return { siblings, sources, discard };
  } catch (error) {
    await discard();
    if (!isMissing(error) && !writeFailure(target, error)) throw error;
    return undefined;
  }
}

export function makeServicesFolder(directory: string): void {
  makeFolder(directory);
  makeFolder(join(directory, 'services'));
}

/** Somebody is taking the last deployment apart at this moment. */
function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
