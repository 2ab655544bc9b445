import { join } from 'node:path';
import { listTree } from '@svc/assembler';
import { decodeEntry, encodeEntry, lookAgain, treeEntry } from '@svc/cache';
import type { RunResult } from '@svc/queue';
import { LastOutputs } from '../build/last-outputs.ts';
import type { Build } from '../build/plan.ts';
import type { Decided } from './decide.ts';
import { writeScope } from './scopes.ts';

/**
 * After a run in which a service has failed: stores what the others have finished, so that the next run has it. Nothing is
 * deployed, so no record of a build is written. What could not be part of a deployment is left out.
 */
export async function rememberFinished(build: Build, decided: Decided, result: RunResult): Promise<void> {
  const { cache, inventory, takenAt } = decided;
  const { changed } = lookAgain(build.project.boundary, inventory, takenAt);
  const last = new LastOutputs(build.project, build.target);
  const scope = writeScope(process.env);
  const results = await Promise.all(
    result.services.map(async ({ name, state, duration }) => {
      const key = decided.keys.services.get(name);
      const directory = last.asideOf(name);
      if (state !== 'built' || !key || directory === undefined) return [];
      if ([...changed].some(path => key.inputs.sees(path))) return [];
      const { files, links } = treeEntry(await listTree(directory));
      const entry = { key: key.key, files, links, duration };
      const whole = { ...entry, scope };
      if ('problem' in decodeEntry(encodeEntry(whole, null), whole, null)) return [];
      return [{ entry, blobs: files.map(({ path, digest }) => ({ digest, path: join(directory, path) })) }];
    }),
  );
  await cache.results.store(results.flat(), cache.patience);
}
