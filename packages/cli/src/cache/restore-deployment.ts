import { writeFileSync } from 'node:fs';
import { replaceOutput } from '@svc/assembler/replace';
import {
  cacheFolder,
  FIELDS,
  type LastBuild,
  LocalStore,
  rangeOf,
  readSigningKey,
  restoreTreeNow,
  statOf,
  treeEntry,
  writeLastBuild,
  writeStat,
} from '@svc/cache/stored';
import type { DeploymentManifest, Emit, SvcEvent } from '@svc/contracts';
import type { BuildOptions } from '../build/options.ts';
import { serviceOf } from './service-of.ts';
import type { SameInputs } from './warm.ts';

/**
 * Brings the last deployment back whole when nothing has changed but that it is gone, or not as it was: no plan, no git, no
 * step. All of its content comes from the local store, checked against the manifest. Undefined when a build has to look
 * closer. This is bundled by itself, since it is all that such a build loads.
 */
export function restoreDeployment(
  { last, file, events }: SameInputs,
  options: BuildOptions,
  emit: Emit,
): readonly SvcEvent[] | undefined {
  const { manifest, target } = last.header;
  if (!manifest || !options.cache.local.read || !readSigningKey(process.env).ok) return undefined;
  const store = new LocalStore(cacheFolder(process.env));
  const text = store.read(manifest);
  if (!text) return undefined;
  const { files } = JSON.parse(text.toString('utf8')) as DeploymentManifest;
  // What svc writes must not depend on who calls.
  process.umask(0o022);
  const isBack = replaceOutput(target, directory => {
    const tree = restoreTreeNow(store, treeEntry(files), directory);
    if (tree.ok) {
      writeFileSync(`${directory}/deployment.json`, text, { flag: 'wx', mode: 0o644 });
      return true;
    }
    // Pruned or damaged content: the services it belongs to are built again.
    const service = serviceOf(tree.path) ?? null;
    if (tree.why !== 'missing')
      emit({ type: 'cache.rejected', service, from: 'local', reason: tree.problem });
    return false;
  });
  if (!isBack) return undefined;
  writeLastBuild(file, withNewOutput(last));
  return events().map(asRestored);
}

/** The record of the same build with the status of the files that have just been written. */
function withNewOutput(last: LastBuild): LastBuild {
  for (const kind of ['files', 'outputFolders'] as const) {
    const [start, end] = rangeOf(last.header, kind);
    for (let index = start; index < end; index++)
      writeStat(last.stats, index * FIELDS, statOf(`${last.header.target}/${last.paths[index]}`));
  }
  return last;
}

function asRestored(event: SvcEvent): SvcEvent {
  if (event.type !== 'run.finished') return event;
  const { unchanged: _, ...summary } = event.summary;
  const services = summary.services.map(service => ({ ...service, state: 'restored' as const }));
  return { ...event, summary: { ...summary, duration: Math.round(performance.now()), services } };
}
