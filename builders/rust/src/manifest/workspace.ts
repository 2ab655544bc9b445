import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { tableAt, textsIn } from '@svc/builder-kit';
import { ok, type Result } from '@svc/contracts';
import picomatch from 'picomatch';
import type { Manifest, Manifests } from './manifest.ts';

/**
 * The manifest that holds a package's workspace: its own, the one that `package.workspace` names, or the nearest above it
 * with a `[workspace]` that does not exclude it. A package of no workspace is its own.
 */
export async function workspaceOf(manifests: Manifests, manifest: Manifest): Promise<Result<Manifest>> {
  if (manifest.isWorkspace) return ok(manifest);
  const named = tableAt(manifest.table, 'package').workspace;
  const folders =
    typeof named === 'string' ? [posix.join(manifest.folder, named)] : foldersAbove(manifest.folder);
  for (const folder of folders) {
    const found = await manifests.in(folder);
    if (!found.ok) return found;
    if (found.value?.isWorkspace) {
      return ok(excludes(found.value, manifest.folder) ? manifest : found.value);
    }
  }
  return ok(manifest);
}

function foldersAbove(folder: string): string[] {
  const above: string[] = [];
  for (let current = folder; current !== '.'; ) {
    current = posix.dirname(current);
    above.push(current);
  }
  return above;
}

function excludes(root: Manifest, folder: string): boolean {
  const inner = posix.relative(root.folder, folder);
  return textsIn(tableAt(root.table, 'workspace').exclude)
    .map(path => posix.normalize(path).replace(/\/$/, ''))
    .some(path => inner === path || inner.startsWith(`${path}/`));
}

/** Folders that the patterns in `workspace.members` name and that hold a manifest; relative to the boundary. */
export async function memberFolders(
  boundary: string,
  manifests: Manifests,
  root: Manifest,
): Promise<Result<Manifest[]>> {
  const patterns = textsIn(tableAt(root.table, 'workspace').members);
  const folders = (
    await Promise.all(patterns.map(pattern => expand(boundary, root.folder, posix.normalize(pattern))))
  ).flat();
  const members: Manifest[] = [];
  for (const folder of new Set(folders)) {
    if (excludes(root, folder)) continue;
    const found = await manifests.in(folder);
    if (!found.ok) return found;
    if (found.value) members.push(found.value);
  }
  return ok(members);
}

async function expand(boundary: string, from: string, pattern: string): Promise<string[]> {
  let folders = [from];
  for (const part of pattern.split('/').filter(each => each !== '' && each !== '.')) {
    if (!/[*?[\]{}]/.test(part)) {
      folders = folders.map(folder => posix.join(folder, part));
      continue;
    }
    const matches = picomatch(part);
    const inner = await Promise.all(
      folders.map(async folder =>
        (await foldersIn(join(boundary, folder)))
          .filter(name => matches(name))
          .map(name => posix.join(folder, name)),
      ),
    );
    folders = inner.flat();
  }
  return folders.sort();
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(entry => entry.isDirectory()).map(entry => entry.name);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
