import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type BlobSource,
  DIGEST_BYTES,
  type Digest,
  type Entry,
  encodeEntry,
  FIELDS,
  forgetLastBuild,
  type Inventory,
  isRacy,
  KINDS,
  type LastBuild,
  type LastBuildHeader,
  lookAgain,
  type PathKind,
  pruneNowAndThen,
  type SecondLook,
  sha256,
  slotOf,
  statOf,
  writeLastBuild,
  writeStat,
} from '@svc/cache';
import type { Deployment, FileEntry, Notice } from '@svc/contracts';
import { countedVariables, type RunResult } from '@svc/queue';
import { listingWitnesses } from '@svc/sources';
import type { BuildOptions } from '../build/options.ts';
import type { Build } from '../build/plan.ts';
import { circumstances, currentVariables, PLAIN_VARIABLES } from './circumstances.ts';
import { type Decided, scopeText } from './decide.ts';
import { writeLastPlan } from './last-plan.ts';
import { isKeptAsItWas } from './linked-files.ts';
import { recordFile, timeOf, writeRecord } from './record.ts';
import { writeScope } from './scopes.ts';
import { lastBuildFile } from './warm.ts';

/** A run that has ended with a deployment. */
export interface FinishedRun {
  readonly build: Build;
  readonly options: BuildOptions;
  readonly decided: Decided;
  readonly result: RunResult;
  readonly deployment: Deployment;
  /** What the run warned of before its first step: a build with nothing to do warns of it again. */
  readonly notices: readonly Notice[];
}

/**
 * After the user has their answer: stores what was built, and writes down what it was built from. A service one of whose
 * inputs changed during the build gets neither, since nobody knows which of the two states its steps have read.
 */
export async function remember(run: FinishedRun): Promise<void> {
  const { build, decided } = run;
  const { inventory, takenAt } = decided;
  const again = lookAgain(build.project.boundary, inventory, takenAt);
  const { changed } = again;
  const isSteady = (name: string) => {
    const key = decided.keys.services.get(name);
    return key !== undefined && ![...changed].some(path => key.inputs.sees(path));
  };
  const keys = deployedKeys(run, isSteady);
  const file = lastBuildFile(build.project.directory);
  // Until the new record is written there is none: the old one speaks of another deployment.
  forgetLastBuild(file);
  writeParts(run, keys);
  const manifest = await storeBuilt(run, isSteady);
  if (inventory.hasStrangers || changed.size > 0) return;
  const record = describe(run, keys, again, manifest, await planOf(run));
  // What was not read again was written to meanwhile: the next build gets it from the cache.
  if (isKeptAsItWas(decided, record)) noteDown(file, build.project.directory, record);
}

/** A build with nothing to do gives the record the time at which it was found to hold; until then it is not newer than this. */
function noteDown(file: string, project: string, build: LastBuild): void {
  writeLastBuild(file, build);
  const time = new Date(Math.floor(timeOf(recordFile(project)) ?? 0));
  utimesSync(file, time, time);
}

/** The key of what lies in the deployment, by service. */
function deployedKeys({ decided, result }: FinishedRun, isSteady: (name: string) => boolean) {
  return new Map(
    result.services.map(({ name, state }): readonly [string, string | null] => {
      const key = decided.keys.services.get(name)?.key ?? null;
      if (state === 'restored' || (state === 'kept' && decided.reused.has(name))) return [name, key];
      if (state === 'built') return [name, isSteady(name) ? key : null];
      if (decided.aside.has(name)) return [name, null];
      // Kept from before, by the user's choice: what it was built from is known from then.
      return [name, decided.last?.header.services.find(service => service.name === name)?.key ?? null];
    }),
  );
}

function writeParts({ build, decided }: FinishedRun, deployed: ReadonlyMap<string, string | null>): void {
  const { record } = decided;
  const parts = Object.fromEntries(
    [...deployed].flatMap(([name, key]) => {
      const now = decided.keys.services.get(name);
      const known = now && now.key === key ? now.parts : record.parts[name];
      return known ? [[name, known]] : [];
    }),
  );
  writeRecord(build.project.directory, { ...record, parts });
}

/** Keeps the plan for the next build, unless parts of it lie outside of what svc can see change: builders from elsewhere. */
async function planOf({ build, options, decided }: FinishedRun): Promise<string | null> {
  const { project, plan, sources, plugins, reads } = build;
  if (plugins.builders.size > 0 || options.filter) return null;
  const { recalled } = build;
  if (recalled?.isSame && recalled.sharesWorkspaces === decided.sharesWorkspaces)
    return decided.last?.header.plan ?? null;
  const listed = sources.listed();
  const lastPlan = {
    version: 1 as const,
    project,
    plan,
    reads: [...reads].sort(),
    variables: Object.keys(process.env).sort(),
    sharesWorkspaces: decided.sharesWorkspaces,
    listing: {
      ignored: await sources.ignored(),
      openIgnored: [...(await sources.openIgnored())],
      unlisted: [...decided.inventory.files.keys()].filter(path => !listed.has(path)),
      repositories: decided.inventory.repositories,
    },
  };
  return writeLastPlan(project.directory, lastPlan, decided.last?.header.plan ?? null);
}

function describe(
  run: FinishedRun,
  keys: ReadonlyMap<string, string | null>,
  { folders }: SecondLook,
  manifest: Digest | null,
  lastPlan: string | null,
) {
  const { build, options, decided, result, deployment, notices } = run;
  const { project, plan, target } = build;
  const watched = watchedPaths(run);
  const outputs = outputPaths(deployment);
  const paths: Record<PathKind, readonly string[]> = {
    inputs: [...decided.inventory.files.keys()],
    folders: folders.map(({ path }) => path),
    watched,
    ...outputs,
  };
  const isCurrent = (name: string) => keys.get(name) === decided.keys.services.get(name)?.key;
  const isScript = /\.[cm]?[jt]s$/.test(project.configFile ?? '');
  const header: LastBuildHeader = {
    version: 1,
    circumstances: circumstances(options, target),
    variables: watchedVariables(run),
    boundary: project.boundary,
    target,
    // A configuration that is a program may read anything; in place, anything may steer a step.
    complete: plan.services.every(({ name }) => isCurrent(name)) && !isScript && options.isolation !== 'none',
    deployment: deployment.manifest.id,
    manifest,
    plan: lastPlan,
    scope: scopeText(writeScope(process.env), process.env),
    services: plan.services.map(({ name }) => ({
      name,
      key: keys.get(name) ?? null,
      size: sizeOf(run, name),
    })),
    routes: project.public.rules,
    notices,
    unpromised: result.unpromised,
    counts: {
      inputs: paths.inputs.length,
      folders: folders.length,
      watched: watched.length,
      files: outputs.files.length,
      outputFolders: outputs.outputFolders.length,
    },
  };
  return {
    header,
    paths: KINDS.flatMap(kind => paths[kind]),
    ...numbers(decided, folders, watched, outputs, target),
  };
}

function numbers(
  { inventory: { files }, takenAt }: Pick<Decided, 'inventory' | 'takenAt'>,
  folders: SecondLook['folders'],
  watched: readonly string[],
  outputs: { readonly files: readonly string[]; readonly outputFolders: readonly string[] },
  target: string,
) {
  const others = [...outputs.files, ...outputs.outputFolders].map(path => join(target, path));
  const count = files.size + folders.length;
  const stats = new BigInt64Array((count + watched.length + others.length) * FIELDS);
  const digests = Buffer.alloc(count * DIGEST_BYTES);
  let place = 0;
  for (const inputs of [files.values(), folders])
    for (const { stat, digest } of inputs) {
      writeStat(stats, place * FIELDS, stat);
      digest.copy(digests, place * DIGEST_BYTES);
      place++;
    }
  for (const path of watched) {
    const stat = statOf(path);
    // What has changed since the keys were made is not what they speak of: noted as absent, it is looked at again.
    writeStat(stats, place++ * FIELDS, stat && isRacy(stat, takenAt) ? undefined : stat);
  }
  for (const path of others) writeStat(stats, place++ * FIELDS, statOf(path));
  return { stats, digests };
}

/** Files of the machine and folders above the project that decide what a build is made of; absolute. */
function watchedPaths({ build, options, decided }: FinishedRun): string[] {
  const { project, plan } = build;
  const above = [project.directory, ...foldersAbove(project.directory)].flatMap(folder => [
    join(folder, 'package.json'),
    join(folder, 'pnpm-workspace.yaml'),
  ]);
  const settings = join(project.directory, '.vercel', 'project.json');
  const envFiles = [
    ...plan.services.flatMap(({ env }) => env.files.map(file => join(project.boundary, file))),
    ...circumstancesFiles(options),
  ];
  const witnesses = listingWitnesses(project.boundary, decided.inventory.repositories, process.env);
  const reads = readsBesideInputs(build, decided.inventory);
  return [
    ...new Set([
      ...above,
      settings,
      ...reads,
      ...envFiles,
      ...witnesses,
      ...decided.keys.witnesses,
      ...build.plugins.witnesses,
    ]),
  ];
}

/**
 * Files that the planner has read, or looked for, and that are no inputs: ignored ones. One that is not there shows in the
 * names of the folder where it would be, if that is one that is looked at.
 */
function readsBesideInputs({ project, reads }: Build, { files, folders }: Inventory): string[] {
  const looked = new Set(folders.map(({ path }) => path));
  return [...reads]
    .filter(path => !files.has(path))
    .map(path => ({ at: join(project.boundary, path), folder: dirname(path) }))
    .filter(({ at, folder }) => !looked.has(folder) || existsSync(at))
    .map(({ at }) => at);
}

function circumstancesFiles({ envFiles }: BuildOptions): string[] {
  return envFiles.map(file => resolve(file));
}

function foldersAbove(folder: string): string[] {
  const parent = join(folder, '..');
  return parent === folder ? [] : [parent, ...foldersAbove(parent)];
}

function outputPaths({ manifest }: Deployment) {
  const files = [...Object.keys(manifest.files), 'deployment.json'];
  const folders = new Set(['.']);
  for (const path of files)
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
      folders.add(path.slice(0, at));
  return { files, outputFolders: [...folders] };
}

function watchedVariables({ build, decided }: FinishedRun): LastBuildHeader['variables'] {
  const counted = build.plan.services.map(({ env }) => countedVariables(env));
  const plain: readonly string[] = PLAIN_VARIABLES;
  const wanted = {
    names: [...new Set(counted.flatMap(({ names }) => names))].filter(name => !plain.includes(name)),
    prefixes: [...new Set(counted.flatMap(({ prefixes }) => prefixes))],
    except: [...new Set(counted.flatMap(({ except }) => except))],
  };
  return { ...wanted, seen: currentVariables(wanted, decided.cache.signingKey) };
}

function sizeOf({ result, decided }: FinishedRun, name: string): number {
  const own = result.services.find(service => service.name === name);
  if (own && own.size > 0) return own.size;
  return decided.last?.header.services.find(service => service.name === name)?.size ?? 0;
}

/** Stores what was built and the deployment as a whole; gives the digest of its manifest where all of it is in the local store. */
async function storeBuilt(run: FinishedRun, isSteady: (name: string) => boolean): Promise<Digest | null> {
  const { decided, result } = run;
  const { cache } = decided;
  const results = result.services.flatMap(({ name, state, duration }) => {
    const key = decided.keys.services.get(name)?.key;
    return state === 'built' && key !== undefined && isSteady(name)
      ? [entryOf(run, name, key, duration)]
      : [];
  });
  await cache.results.store(results, cache.patience);
  if (!cache.modes.local.write) return null;
  const manifest = await storeManifest(run);
  if (results.length > 0) pruneNowAndThen(cache.store, cache.largest);
  return manifest;
}

/** With it and the services' content, the deployment can be put back without so much as a plan. */
async function storeManifest({ deployment, decided }: FinishedRun): Promise<Digest | null> {
  const { store } = decided.cache;
  const content = readFileSync(join(deployment.directory, 'deployment.json'));
  const digest = { hash: sha256(content).toString('hex'), size: content.length };
  const config = deployment.manifest.files['config.json'];
  if (!config || 'link' in config) return null;
  const files = [
    { path: 'manifest.json', digest },
    { path: 'config.json', digest: { hash: config.sha256, size: config.size } },
  ];
  const entry = {
    key: `deployment ${digest.hash}`,
    scope: writeScope(process.env),
    files,
    links: [],
    duration: 0,
  };
  const blobs = [
    { digest, content },
    { digest: { hash: config.sha256, size: config.size }, path: join(deployment.directory, 'config.json') },
  ];
  const slot = slotOf(entry.scope, entry.key);
  await store.store(slot, encodeEntry(entry, decided.cache.signingKey), blobs);
  return digest;
}

/** A service's result as it lies in the deployment, whose digests are known. */
function entryOf({ build, deployment }: FinishedRun, name: string, key: string, duration: number) {
  const isApp = build.project.kind === 'app';
  const prefix = isApp ? '' : `services/${name}/`;
  const files: Entry['files'][number][] = [];
  const links: Entry['links'][number][] = [];
  const blobs: BlobSource[] = [];
  for (const [path, file] of Object.entries(deployment.manifest.files)) {
    if (!path.startsWith(prefix)) continue;
    if (isApp && path === 'config.json') continue;
    addFile(path.slice(prefix.length), join(deployment.directory, path), file);
  }
  if (isApp) addOwnConfig();
  return { entry: { key, files, links, duration }, blobs };

  /** An app's own configuration is merged into the deployment's; as its builder wrote it, it is in the manifest. */
  function addOwnConfig() {
    const text = deployment.manifest.services[0]?.config;
    if (typeof text !== 'string') throw new Error('the manifest of an app does not hold its configuration');
    const content = Buffer.from(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    const digest = { hash: sha256(content).toString('hex'), size: content.length };
    files.push({ path: 'config.json', digest });
    blobs.push({ digest, content });
  }

  function addFile(path: string, at: string, file: FileEntry) {
    if ('link' in file) {
      links.push({ path, target: file.link });
      return;
    }
    const digest = { hash: file.sha256, size: file.size };
    files.push({ path, digest, ...(file.executable && { executable: true as const }) });
    blobs.push({ digest, path: at });
  }
}
