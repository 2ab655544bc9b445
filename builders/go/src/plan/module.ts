import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';
import { usedFolders } from '../go-work.ts';
import type { GoModule } from '../input.ts';

export interface FoundModule extends GoModule {
  readonly text: string;
}

/** The module that a folder of the service belongs to: the nearest `go.mod` in it or above, up to the boundary. */
export async function moduleOf(request: PlanRequest, folder: string): Promise<FoundModule | undefined> {
  const found = await nearest(request, folder, 'go.mod');
  if (!found) return undefined;
  const work = await nearest(request, found.folder, 'go.work');
  const fromBoundary = (...parts: readonly string[]) => posix.join(request.directory, ...parts);
  const isUsed =
    work !== undefined &&
    usedFolders(work.text).some(used => fromBoundary(work.folder, used) === fromBoundary(found.folder));
  return { folder: found.folder, text: found.text, workspace: isUsed ? work.folder : null };
}

async function nearest(request: PlanRequest, from: string, name: string) {
  const fromBoundary = posix.join(request.directory, from);
  const depth = fromBoundary === '.' ? 0 : fromBoundary.split('/').length;
  for (let up = 0; up <= depth; up++) {
    const folder = posix.join(from, '../'.repeat(up)).replace(/(.)\/$/, '$1');
    const text = await readIfThere(join(request.paths.root, folder, name));
    if (text !== undefined) return { folder, text };
  }
  return undefined;
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
