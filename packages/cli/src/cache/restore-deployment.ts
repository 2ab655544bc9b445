import { writeFileSync } from 'node:fs';
import { replaceOutput } from '@svc/assembler/replace';
import {
  cacheFolder,
  FIELDS,
  isAsRecorded,
  type JointWork,
  type LastBuild,
  LocalStore,
  rangeOf,
  readSigningKey,
  restoreTreeNow,
  restoreTreeTogether,
  type StatTable,
  statOf,
  statTable,
  writeLastBuild,
  writeStat,
} from '@svc/cache/stored';
import type { Emit, SvcEvent } from '@svc/contracts';
import type { BuildOptions } from '../build/options.ts';
import { elapsed } from '../elapsed.ts';
import { filesOf } from './manifest-files.ts';
import { startHelpers } from './restore-helpers.ts';
import { serviceOf } from './service-of.ts';
import type { SameInputs } from './warm.ts';

/**
 * Brings the last deployment back whole when nothing has changed but that it is gone, or not as it was: no plan, no git, no
 * step. All of its content comes from the local store, checked against the manifest. Undefined when a build has to look
 * closer. This is bundled by itself, since it is all that such a build loads.
 *
 * @param program what helping threads run, where the deployment is large.
 */
export function restoreDeployment(
  same: SameInputs,
  options: BuildOptions,
  emit: Emit,
  program: string,
): readonly SvcEvent[] | undefined {
  const { manifest, counts } = same.last.header;
  if (!manifest || !options.cache.local.read || !readSigningKey(process.env).ok) return undefined;
  const folder = cacheFolder(process.env);
  const store = new LocalStore(folder);
  const text = store.read(manifest)?.toString('utf8');
  if (!text) return undefined;
  // What svc writes must not depend on who calls.
  process.umask(0o022);
  const helpers = startHelpers(program, { folder, manifest: text }, counts.files);
  try {
    return restore(same, store, text, emit, helpers?.work);
  } finally {
    helpers?.dismiss();
  }
}

function restore(
  { last, file, events }: SameInputs,
  store: LocalStore,
  manifest: string,
  emit: Emit,
  work: JointWork | undefined,
): readonly SvcEvent[] | undefined {
  const content = filesOf(manifest);
  const together = work?.holds(content.files.length) ? work : undefined;
  const stats = together?.stats ?? statTable(content.files.length);
  const isBack = replaceOutput(last.header.target, directory => {
    const tree = together
      ? restoreTreeTogether(store, content, directory, together)
      : restoreTreeNow(store, content, directory, stats);
    if (tree.ok) {
      writeFileSync(`${directory}/deployment.json`, manifest, { flag: 'wx', mode: 0o644 });
      return true;
    }
    // Pruned or damaged content: the services it belongs to are built again.
    const service = serviceOf(tree.path) ?? null;
    if (tree.why !== 'missing')
      emit({ type: 'cache.rejected', service, from: 'local', reason: tree.problem });
    return false;
  });
  if (!isBack) return undefined;
  writeLastBuild(file, withNewOutput(last, content.files, stats));
  return events().map(asRestored);
}

/**
 * The record of the same build with the status of the files that have just been written.
 *
 * @param known the status of each of `files`, as whoever wrote it has found it.
 */
function withNewOutput(
  last: LastBuild,
  files: readonly { readonly path: string }[],
  known: StatTable,
): LastBuild {
  const { target } = last.header;
  const placeOf = isStatusKept(target, files, known) ? finder(files) : () => undefined;
  for (const kind of ['files', 'outputFolders'] as const) {
    const [start, end] = rangeOf(last.header, kind);
    for (let index = start; index < end; index++) {
      const path = last.paths[index] ?? '';
      const place = placeOf(path);
      if (place !== undefined) last.stats.set(known.subarray(place, place + FIELDS), index * FIELDS);
      else writeStat(last.stats, index * FIELDS, statOf(`${target}/${path}`));
    }
  }
  return last;
}

/** How many files are looked at once more. */
const SAMPLE = 16;

/**
 * Whether files kept the status that they had before they were closed. Network file systems may give them their times only
 * then: a record of the earlier ones would have every build restore the deployment.
 */
function isStatusKept(target: string, files: readonly { readonly path: string }[], known: StatTable) {
  const step = Math.max(1, Math.floor(files.length / SAMPLE));
  for (let index = 0; index < files.length; index += step)
    if (!isAsRecorded(known, index * FIELDS, `${target}/${files[index]?.path}`)) return false;
  return true;
}

/**
 * Where the status of a file is, by its path. The record and the manifest list nearly all files in the same order, and a look at
 * the next one costs a tenth of looking it up.
 */
function finder(files: readonly { readonly path: string }[]): (path: string) => number | undefined {
  let next = 0;
  let places: ReadonlyMap<string, number> | undefined;
  return path => {
    if (files[next]?.path === path) return next++ * FIELDS;
    places ??= new Map(files.map((file, index) => [file.path, index]));
    const found = places.get(path);
    if (found === undefined) return undefined;
    next = found + 1;
    return found * FIELDS;
  };
}

function asRestored(event: SvcEvent): SvcEvent {
  if (event.type !== 'run.finished') return event;
  const { unchanged: _, ...summary } = event.summary;
  const services = summary.services.map(service => ({ ...service, state: 'restored' as const }));
  return { ...event, summary: { ...summary, duration: Math.round(elapsed()), services } };
}
