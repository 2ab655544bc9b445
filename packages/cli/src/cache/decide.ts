import { join } from 'node:path';
import {
  explainDifference,
  FIELDS,
  type FileChange,
  type Inventory,
  isAsRecorded,
  type KeyParts,
  type LastBuild,
  nowMs,
  rangeOf,
  readLastBuild,
  removeFolder,
  takeInventory,
} from '@svc/cache';
import type { Reused } from '@svc/queue';
import { LastOutputs } from '../build/last-outputs.ts';
import type { BuildOptions } from '../build/options.ts';
import type { Build } from '../build/plan.ts';
import type { Session } from '../session.ts';
import { changedFiles, changedFolders } from './changed-files.ts';
import { signingState } from './circumstances.ts';
import { type Keys, type KnownKeys, keysOf, type ServiceKey } from './keys.ts';
import type { OpenedCache } from './open.ts';
import type { Recalled } from './recall.ts';
import { type Decision, type KeyRecord, readRecord, writeRecord } from './record.ts';
import { readScopes } from './scopes.ts';
import { serviceOf } from './service-of.ts';
import { lastBuildFile } from './warm.ts';

/** What a run knows about the results of earlier ones before it starts a step. */
export interface Decided {
  readonly cache: OpenedCache;
  readonly inventory: Inventory;
  /** When the inventory was begun, milliseconds since 1970. */
  readonly takenAt: number;
  readonly sharesWorkspaces: boolean;
  readonly keys: Keys;
  /** As it was written for `svc explain`: why each service is built. */
  readonly record: KeyRecord;
  readonly last: LastBuild | undefined;
  readonly reused: ReadonlyMap<string, Reused>;
  /** Services that, where they are not built, get what a failed run put aside for them. */
  readonly aside: ReadonlySet<string>;
}

export interface DecideRequest {
  readonly build: Build;
  readonly options: BuildOptions;
  readonly cache: OpenedCache;
  readonly declared: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly sharesWorkspaces: boolean;
  /** What is known from the last build where its plan still holds. */
  readonly recalled: Recalled | undefined;
  readonly seen: Seen;
  readonly session: Session;
}

/** What a look at the inputs and at the last deployment shows. */
export interface Seen {
  readonly inventory: Inventory;
  readonly last: LastBuild | undefined;
  readonly takenAt: number;
  /** Services of which a file in the deployment is not as it was put there. */
  readonly damaged: ReadonlySet<string>;
}

/** Looks at everything that decides what is to be done. Needs no answer of anybody, so whoever is asked can think meanwhile. */
export async function lookAround(build: Build, recalled: Recalled | undefined): Promise<Seen> {
  const { inventory, last, takenAt } = recalled ?? (await lookAtInputs(build));
  const app = build.project.kind === 'app' ? (build.project.services[0]?.name ?? null) : null;
  const damaged = last?.header.target === build.target ? damagedServices(last, app) : new Set<string>();
  return { inventory, last, takenAt, damaged };
}

/** Finds for each selected service whether its result is there already: in the deployment or a cache. */
export async function decide(request: DecideRequest): Promise<Decided> {
  const { build, cache, sharesWorkspaces } = request;
  const { inventory, last, takenAt } = request.seen;
  const record = readRecord(build.project.directory);
  const known = knownKeys(request, record);
  const keys = keysOf({ ...request, inventory, signingKey: cache.signingKey, known });
  for (const { key, name } of keys.services.values()) cache.names.set(key, name);
  const reused = new Map(keptIn(request, keys));
  const wanted = build.selected.flatMap(name => {
    const key = keys.services.get(name);
    return key && !reused.has(name) ? [key] : [];
  });
  for (const [name, found] of await restored(request, wanted)) reused.set(name, found);
  const now = explain(request, keys, inventory, last, reused, record);
  const aside = new LastOutputs(build.project, build.target).aside([...keys.services.keys()]);
  return { cache, inventory, takenAt, sharesWorkspaces, keys, record: now, last, reused, aside };
}

async function lookAtInputs({ project, plan, sources }: Build) {
  const last = readLastBuild(lastBuildFile(project.directory));
  const takenAt = nowMs();
  const inventory = await takeInventory({
    boundary: project.boundary,
    listed: sources.listed(),
    ignored: new Set(await sources.ignored()),
    open: await sources.openIgnored(),
    extra: new Set(plan.services.flatMap(({ inputs }) => [...inputs.files, ...inputs.envFiles])),
    last,
  });
  return { inventory, last, takenAt };
}

/** Keys of services that see nothing that has changed since the last build, when only the content of files has. */
function knownKeys(
  { build, recalled, sharesWorkspaces }: DecideRequest,
  record: KeyRecord | undefined,
): KnownKeys | undefined {
  if (!recalled || !build.recalled || build.recalled.sharesWorkspaces !== sharesWorkspaces) return undefined;
  const { affected } = build.recalled;
  const { header, paths } = recalled.last;
  const parts = record?.parts ?? {};
  const keys = header.services.flatMap(({ name, key }) => {
    const known = parts[name];
    return key !== null && known && !affected.has(name) ? [[name, { key, parts: known }] as const] : [];
  });
  return { keys: new Map(keys), witnesses: paths.slice(...rangeOf(header, 'watched')) };
}

/** Services whose result in the deployment has the key that it would get now, and is as it was put there. */
function keptIn({ build, options, seen }: DecideRequest, keys: Keys) {
  const { last, damaged } = seen;
  if (!options.cache.output || !last || last.header.target !== build.target) return [];
  const { env } = process;
  const isTrusted = readScopes(env).some(scope => last.header.scope === scopeText(scope, env));
  if (!isTrusted) return [];
  const hasManifest = build.project.kind === 'services' && isManifestIntact(last);
  return last.header.services.flatMap(({ name, key, size }): (readonly [string, Reused])[] => {
    const now = keys.services.get(name);
    const isKept = now && key === now.key && !damaged.has(name) && build.selected.includes(name);
    // Damaged services were found by status; whether the manifest is as it was is one more look.
    return isKept
      ? [[name, { from: 'output', key, size, ...(hasManifest && { isIntact: true as const }) }]]
      : [];
  });
}

function isManifestIntact(last: LastBuild): boolean {
  const [start, end] = rangeOf(last.header, 'files');
  const index = last.paths.indexOf('deployment.json', start);
  if (index === -1 || index >= end) return false;
  return isAsRecorded(last.stats, index * FIELDS, join(last.header.target, 'deployment.json'));
}

/** Which scope a deployment's results came from, and how they were signed. */
export function scopeText(scope: string, env: Readonly<Record<string, string | undefined>>): string {
  return `${scope}, ${signingState(env)}`;
}

/** Services of whose files in the deployment one is not as it was written. `app` owns all files where it is given. */
function damagedServices(last: LastBuild, app: string | null): Set<string> {
  const damaged = new Set<string>();
  for (const kind of ['files', 'outputFolders'] as const) {
    const [start, end] = rangeOf(last.header, kind);
    for (let index = start; index < end; index++) {
      const path = last.paths[index] ?? '';
      const name = app ?? serviceOf(path);
      if (name === undefined || damaged.has(name)) continue;
      if (!isAsRecorded(last.stats, index * FIELDS, `${last.header.target}/${path}`)) damaged.add(name);
    }
  }
  return damaged;
}

async function restored({ build, cache }: DecideRequest, wanted: readonly ServiceKey[]) {
  const found = await cache.results.find(wanted.map(({ key }) => key));
  const results: (readonly [string, Reused])[] = [];
  if (found.size === 0) return results;
  const folder = join(build.project.directory, '.svc', 'restored');
  removeFolder(folder);
  for (const { name, key } of wanted) {
    const result = found.get(key);
    if (!result) continue;
    const output = join(folder, name);
    const tree = await cache.results.restore(result, output);
    if (tree.ok) results.push([name, { from: result.from, key, output, size: tree.size }]);
  }
  return results;
}

/** Tells why each service is built, and keeps that for `svc explain`. */
function explain(
  { build, options, cache, session }: DecideRequest,
  keys: Keys,
  inventory: Inventory,
  last: LastBuild | undefined,
  reused: ReadonlyMap<string, Reused>,
  record: KeyRecord | undefined,
): KeyRecord {
  const changes = last ? changedFiles(last, inventory) : [];
  const decisions = build.selected.flatMap((name): Decision[] => {
    const key = keys.services.get(name);
    if (!key) return [];
    const before = record?.parts[name];
    const from = reused.get(name)?.from ?? null;
    const isForced = from === null && !options.cache.local.read && options.cache.local.write;
    const reasons = isForced
      ? ['--force was given']
      : cache.rejected.has(key.key)
        ? ['a stored result could not be trusted']
        : from === 'output'
          ? []
          : reasonsFor(key, before, changes, sees => (last ? changedFolders(last, inventory, sees) : []));
    return [{ service: name, key: key.key, from, reasons }];
  });
  for (const { service, key, from, reasons } of decisions)
    if (from === null)
      session.emit({ type: 'cache.miss', service, key, isFirst: !record?.parts[service], reasons });
  const { traffic } = cache.results;
  const lookedUp = traffic.map(({ from, requests, bytesReceived }) => ({ from, requests, bytesReceived }));
  const now: KeyRecord = {
    version: 1,
    decisions,
    ...(lookedUp.length > 0 && { traffic: lookedUp }),
    parts: record?.parts ?? {},
  };
  writeRecord(build.project.directory, now);
  return now;
}

/** More than these nobody reads. */
const MOST_FILES_NAMED = 50;

function reasonsFor(
  { parts, inputs, key }: ServiceKey,
  before: KeyParts | undefined,
  changes: readonly FileChange[],
  foldersAmong: (sees: (path: string) => boolean) => readonly string[],
): readonly string[] {
  if (!before) return ['there is no earlier build to compare with'];
  const seen = before.inputs === parts.inputs ? [] : changes.filter(({ path }) => inputs.sees(path));
  const reasons = explainDifference(before, parts, seen.slice(0, MOST_FILES_NAMED));
  const more = seen.length - MOST_FILES_NAMED;
  if (more > 0) return [...reasons, `${more} more files changed`];
  if (reasons.length > 0) return reasons;
  if (before.inputs !== parts.inputs) {
    const folders = foldersAmong(path => inputs.sees(path));
    if (folders.length > 0) return folders;
  }
  return before.inputs === parts.inputs
    ? [`nothing has changed, but its result is no longer there (${key.slice(0, 12)})`]
    : ['which files or empty folders there are changed'];
}
