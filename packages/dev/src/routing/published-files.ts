import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { DevelopedService } from '@svc/planner';

/**
 * The files that a service of files has now: path below its web root -> absolute path. Null for a service that is a process.
 * Only what is listed here can be asked for.
 */
export async function publishedFiles(
  boundary: string,
  { directory, development }: DevelopedService,
): Promise<ReadonlyMap<string, string> | null> {
  const { serve } = development;
  if (serve.type !== 'files') return null;
  const { from } = serve;
  const root = join(boundary, directory, from);
  const listed = serve.files?.map(file => (from === '.' ? file : posix.relative(from, file)));
  const names = listed ?? (await filesBelow(root));
  return new Map(names.map(name => [name, join(root, name)]));
}

/** Files and no links: what a link leads to may lie outside. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
