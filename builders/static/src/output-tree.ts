import type { Dirent } from 'node:fs';
import { copyFile, readdir, readlink, rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { WorkingView } from '@svc/contracts';

export interface OutputEntry {
  /** Relative to the folder that was walked, `/` between segments. */
  readonly path: string;
  readonly isLink: boolean;
}

/** Every file and link below a folder, sorted; empty when there is no such folder. */
export async function walkOutput(folder: string, prefix = ''): Promise<OutputEntry[]> {
  const entries: Dirent[] = await readdir(join(folder, prefix), { withFileTypes: true }).catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const nested = await Promise.all(
    entries.map(async entry => {
      const path = `${prefix}${entry.name}`;
      return entry.isDirectory()
        ? walkOutput(folder, `${path}/`)
        : [{ path, isLink: entry.isSymbolicLink() }];
    }),
  );
  return nested.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Replaces links that lead out of what was copied by the files they lead to, where those are files of the project: a
 * service's output must not refer to anything outside itself. Other links are left for the assembler to judge.
 *
 * @param from folder that was copied, relative to the boundary.
 * @param to absolute path of the copy.
 */
export async function resolveOuterLinks(
  view: WorkingView,
  from: string,
  to: string,
  entries: readonly OutputEntry[],
): Promise<void> {
  await Promise.all(
    entries
      .filter(({ isLink }) => isLink)
      .map(async ({ path }) => {
        const copy = join(to, path);
        const target = await readlink(copy);
        const original = posix.join(from, dirname(path), target);
        if (target.startsWith('/') || original.startsWith('../') || isWithin(from, original)) return;
        if ((await view.stat(original))?.kind !== 'file') return;
        const file = await view.locate(original);
        if (file === undefined) return;
        await rm(copy);
        await copyFile(file, copy);
      }),
  );
}

export function isWithin(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}
