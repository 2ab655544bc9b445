import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceOutput } from '@svc/assembler';
import {
  cacheFolder,
  FIELDS,
  type LastBuild,
  LocalStore,
  rangeOf,
  readSigningKey,
  restoreTree,
  statOf,
  treeEntry,
  writeLastBuild,
  writeStat,
} from '@svc/cache';
import { type DeploymentManifest, type Emit, failed, ok, type Result, type SvcEvent } from '@svc/contracts';
import type { BuildOptions } from '../build/options.ts';
import { sameInputs } from './warm.ts';

/**
 * Brings the last deployment back whole when nothing has changed but that it is gone, or not as it was: no plan, no git, no
 * step. All of its content comes from the local store, checked against the manifest. Undefined when a build has to
 * look closer.
 */
export async function restoreDeployment(
  options: BuildOptions,
  emit: Emit,
): Promise<Result<readonly SvcEvent[]> | undefined> {
  if (!options.cache.local.read || !readSigningKey(process.env).ok) return undefined;
  const same = sameInputs(options);
  const manifest = same?.last.header.manifest;
  if (!same || !manifest) return undefined;
  const store = new LocalStore(cacheFolder(process.env));
  const text = store.read(manifest);
  if (!text) return undefined;
  const { files } = JSON.parse(text.toString('utf8')) as DeploymentManifest;
  const { target } = same.last.header;
  let isComplete = true;
  const restored = await replaceOutput(target, async directory => {
    const tree = await restoreTree(store, treeEntry(files), directory);
    isComplete = tree.ok;
    if (!tree.ok) {
      const service = /^services\/([^/]+)/.exec(tree.path)?.[1] ?? null;
      if (tree.why !== 'missing')
        emit({ type: 'cache.rejected', service, from: 'local', reason: tree.problem });
      return failed();
    }
    writeFileSync(join(directory, 'deployment.json'), text, { flag: 'wx', mode: 0o644 });
    return ok(undefined);
  });
  // Pruned or damaged content: the services it belongs to are built again.
  if (!isComplete) return undefined;
  if (!restored.ok) return restored;
  writeLastBuild(same.file, withNewOutput(same.last));
  return ok(same.events.map(asRestored));
}

/** The record of the same build with the status of the files that have just been written. */
function withNewOutput(last: LastBuild): LastBuild {
  for (const kind of ['files', 'outputFolders'] as const) {
    const [start, end] = rangeOf(last.header, kind);
    for (let index = start; index < end; index++)
      writeStat(last.stats, index * FIELDS, statOf(join(last.header.target, last.paths[index] ?? '')));
  }
  return last;
}

function asRestored(event: SvcEvent): SvcEvent {
  if (event.type !== 'run.finished') return event;
  const { unchanged: _, ...summary } = event.summary;
  const services = summary.services.map(service => ({ ...service, state: 'restored' as const }));
  return { ...event, summary: { ...summary, duration: Math.round(performance.now()), services } };
}
