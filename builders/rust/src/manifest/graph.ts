import { ok, type Result } from '@svc/contracts';
import { patchedFolders, pathDependencies } from './dependencies.ts';
import type { Manifest, Manifests } from './manifest.ts';
import { memberFolders, workspaceOf } from './workspace.ts';

/** The packages of the project that cargo reads when it builds one of them. */
export interface PackageGraph {
  /** Holds the lockfile and the profiles. */
  readonly workspace: Manifest;
  /** What is compiled: the package itself first, then the packages it depends on. */
  readonly needed: readonly Manifest[];
  /** What cargo only wants to know of: other members of the workspace, and what they depend on. */
  readonly known: readonly Manifest[];
}

/** Follows path dependencies as far as they stay in the project. Failure: `entrypoint-invalid` for broken TOML. */
export async function packageGraph(
  boundary: string,
  manifests: Manifests,
  own: Manifest,
): Promise<Result<PackageGraph>> {
  const workspace = await workspaceOf(manifests, own);
  if (!workspace.ok) return workspace;
  const members = await memberFolders(boundary, manifests, workspace.value);
  if (!members.ok) return members;
  const patched = await manifestsIn(manifests, patchedFolders(workspace.value));
  if (!patched.ok) return patched;
  const needed = await reached(manifests, workspace.value, [own, ...patched.value], false);
  if (!needed.ok) return needed;
  const all = await reached(manifests, workspace.value, [...needed.value, ...members.value], true);
  if (!all.ok) return all;
  const compiled = new Set(needed.value);
  return ok({
    workspace: workspace.value,
    needed: needed.value,
    known: all.value.filter(each => !compiled.has(each)),
  });
}

async function reached(
  manifests: Manifests,
  workspace: Manifest,
  from: readonly Manifest[],
  withTests: boolean,
): Promise<Result<Manifest[]>> {
  const found = new Set(from);
  for (const manifest of found) {
    const dependencies = pathDependencies(manifest, workspace).filter(each => withTests || !each.isForTests);
    const next = await manifestsIn(
      manifests,
      dependencies.map(({ folder }) => folder),
    );
    if (!next.ok) return next;
    for (const each of next.value) found.add(each);
  }
  return ok([...found]);
}

async function manifestsIn(manifests: Manifests, folders: readonly string[]): Promise<Result<Manifest[]>> {
  const found: Manifest[] = [];
  for (const folder of folders) {
    if (folder.startsWith('..')) continue;
    const manifest = await manifests.in(folder);
    if (!manifest.ok) return manifest;
    if (manifest.value) found.push(manifest.value);
  }
  return ok(found);
}
