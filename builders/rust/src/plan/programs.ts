import { posix } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';
import { declaredAt, tableAt } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import type { Manifest, Manifests } from '../manifest/manifest.ts';
import { type BinaryTarget, binaryTargets } from '../manifest/targets.ts';
import { memberFolders } from '../manifest/workspace.ts';

/** A program that a service may be. */
export interface Candidate {
  readonly manifest: Manifest;
  readonly target: BinaryTarget;
  /** Its source, relative to the service's root. */
  readonly file: string;
}

/**
 * The program to build: the one of the configured entrypoint; the one that `default-run` names; `src/main.rs`; else the only
 * one of the package, wherever it is. A root that only makes a workspace has its members' programs.
 *
 * Failures: `entrypoint-invalid` (the entrypoint is no program; several could be meant, all listed), `entrypoint-not-found`.
 */
export async function findProgram(
  request: PlanRequest,
  manifests: Manifests,
  root: Manifest,
): Promise<Result<Candidate>> {
  const found = await candidatesIn(request, manifests, root);
  if (!found.ok) return found;
  const all = found.value;
  if (request.entrypoint !== null) return configured(request, manifests, request.entrypoint, all);
  const own = all.filter(({ manifest }) => manifest === root);
  const among = own.length > 0 ? own : all;
  const byDefault = among.filter(({ manifest, target }) => target.name === defaultRun(manifest));
  const atMain = own.filter(({ file }) => file === 'src/main.rs');
  for (const each of [byDefault, atMain, among]) {
    const [only, ...others] = each;
    if (only && others.length === 0) return ok(only);
  }
  return failed(among.length > 0 ? several(request, among) : none(request));
}

/** Programs of the root's package and of the members of its workspace that lie in the root. */
export async function candidatesIn(
  request: PlanRequest,
  manifests: Manifests,
  root: Manifest,
): Promise<Result<Candidate[]>> {
  const members = root.isWorkspace
    ? await memberFolders(request.paths.boundary, manifests, root)
    : ok<Manifest[]>([]);
  if (!members.ok) return members;
  const packages = [...new Set([root, ...members.value])].filter(({ folder }) => isOwn(request, folder));
  const each = await Promise.all(packages.map(manifest => programsOf(request, manifest)));
  return ok(each.flat());
}

async function programsOf(request: PlanRequest, manifest: Manifest): Promise<Candidate[]> {
  const targets = await binaryTargets(request.paths.boundary, manifest);
  return targets.map(target => ({
    manifest,
    target,
    file: posix.relative(request.directory, target.file),
  }));
}

function isOwn({ directory, otherRoots }: PlanRequest, folder: string): boolean {
  const inner = posix.relative(directory, folder);
  if (inner === '..' || inner.startsWith('../')) return false;
  return !otherRoots.some(other => folder === other || folder.startsWith(`${other}/`));
}

function defaultRun({ table }: Manifest): unknown {
  return tableAt(table, 'package')['default-run'];
}

async function configured(
  request: PlanRequest,
  manifests: Manifests,
  entrypoint: string,
  all: readonly Candidate[],
): Promise<Result<Candidate>> {
  const path = posix.normalize(entrypoint);
  // A package that no workspace lists has programs as well.
  const nearest = await nearestManifest(request, manifests, path);
  if (!nearest.ok) return nearest;
  const own = nearest.value ? await programsOf(request, nearest.value) : [];
  const found = [...own, ...all].find(({ file }) => file === path);
  if (found) return ok(found);
  const programs = [...new Set([...own, ...all].map(({ file }) => file))];
  const position = request.service.positions.entrypoint;
  return failed({
    code: 'entrypoint-invalid',
    message: `the entrypoint ${path} is no program: no binary target of its package has that source`,
    help:
      programs.length > 0
        ? `The programs of this service are ${programs.join(', ')}.`
        : 'A program is src/main.rs, src/bin/NAME.rs, or what a [[bin]] in Cargo.toml names.',
    ...(position ? { position } : {}),
  });
}

async function nearestManifest(request: PlanRequest, manifests: Manifests, file: string) {
  for (let folder = posix.dirname(file); ; folder = posix.dirname(folder)) {
    const found = await manifests.in(posix.join(request.directory, folder));
    if (!found.ok || found.value?.name != null || folder === '.') return found;
  }
}

function several(request: PlanRequest, all: readonly Candidate[]): Failure {
  const names = all.map(({ file }) => file);
  return {
    code: 'entrypoint-invalid',
    message: `this Rust service has several programs: ${names.join(', ')}`,
    help: `Say which one serves requests: "entrypoint": "${names[0]}", or default-run in Cargo.toml.`,
    ...declaredAt(request.service),
  };
}

function none(request: PlanRequest): Failure {
  return {
    code: 'entrypoint-not-found',
    message: 'this Rust service has no program: its package has no binary target',
    help: 'Write a src/main.rs that listens on the port in the variable PORT, or name another source with [[bin]] in Cargo.toml.',
    ...declaredAt(request.service),
  };
}
