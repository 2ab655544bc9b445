import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  DIGEST_BYTES,
  type Digest,
  FIELDS,
  type Inventory,
  isRacy,
  KINDS,
  type LastBuild,
  type LastBuildHeader,
  type PathKind,
  type SecondLook,
  statOf,
  statTable,
  writeStat,
} from '@svc/cache';
import type { Deployment } from '@svc/contracts';
import { countedVariables } from '@svc/queue';
import { listingWitnesses } from '@svc/sources';
import type { BuildOptions } from '../build/options.ts';
import type { Build } from '../build/plan.ts';
import { circumstances, currentVariables, PLAIN_VARIABLES } from './circumstances.ts';
import { scopeText } from './decide.ts';
import type { FinishedRun } from './finished-run.ts';
import { MovedFiles } from './moved-files.ts';
import { writeScope } from './scopes.ts';

/**
 * What a deployment was built from and what it consists of, with the status of every file of both: by this the next build
 * sees whether anything has changed.
 *
 * @param keys the key of what lies in the deployment, by service; null where nobody knows.
 * @param manifest of the deployment in the local store; null where not all of it is there.
 * @param lastPlan the digest of the plan that was kept; null for none.
 */
export function describeBuild(
  run: FinishedRun,
  keys: ReadonlyMap<string, string | null>,
  { folders }: SecondLook,
  manifest: Digest | null,
  lastPlan: string | null,
): LastBuild {
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
    ...numbers(run, folders, watched, outputs),
  };
}

function numbers(
  { build: { target }, decided, deployment }: FinishedRun,
  folders: SecondLook['folders'],
  watched: readonly string[],
  outputs: { readonly files: readonly string[]; readonly outputFolders: readonly string[] },
) {
  const { inventory, takenAt, last } = decided;
  const { files } = inventory;
  const others = [...outputs.files, ...outputs.outputFolders];
  const count = files.size + folders.length;
  const stats = statTable(count + watched.length + others.length);
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
  const moved = new MovedFiles(last, deployment.moved);
  for (const path of others) {
    const at = place++ * FIELDS;
    if (!moved.write(stats, at, path)) writeStat(stats, at, statOf(`${target}/${path}`));
  }
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
