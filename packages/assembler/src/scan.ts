import { chmodSync, lstatSync, readdirSync, readlinkSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { compareBytes } from './bytes.ts';
import type { Pace } from './pace.ts';

/** One thing in a tree. `path` is relative to the tree, `/` between segments; `mode` holds the permission bits (07777). */
export type Entry =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly size: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  /** A device, a pipe, a socket, or a name that is not UTF-8: nothing that a deployment can hold. */
  | { readonly kind: 'other'; readonly path: string };

export const FILE_MODE = 0o644;
export const EXECUTABLE_MODE = 0o755;
export const DIRECTORY_MODE = 0o755;

export function isExecutable(mode: number): boolean {
  return (mode & 0o111) !== 0;
}

/**
 * Everything in a folder, sorted by the bytes of the paths; links are not followed.
 *
 * With `normalise`, modes become 644 or 755 on the way (a step's umask must not show in the result) and folders that
 * hold nothing are removed: a deployment is its files, and neither digests nor archives carry empty folders.
 */
export async function scanTree(
  root: string,
  options: { readonly normalise: boolean; readonly pace: Pace },
): Promise<Entry[]> {
  const entries: Entry[] = [];
  // The folder itself becomes part of a deployment too.
  settle(root, lstatSync(root).mode & 0o7777, () => DIRECTORY_MODE, options.normalise);
  await scanFolder(root, '', options, entries);
  return entries.sort((a, b) => compareBytes(a.path, b.path));
}

async function scanFolder(
  folder: string,
  prefix: string,
  options: { readonly normalise: boolean; readonly pace: Pace },
  entries: Entry[],
): Promise<number> {
  let held = 0;
  for (const dirent of readdirSync(folder, { withFileTypes: true })) {
    if (options.pace.due()) await options.pace.rest();
    const path = prefix + dirent.name;
    const at = join(folder, dirent.name);
    if (dirent.name.includes('\uFFFD')) {
      entries.push({ kind: 'other', path }); // Node could not decode the name, so nothing can be opened by it
    } else if (dirent.isDirectory()) {
      const mode = settle(at, lstatSync(at).mode & 0o7777, () => DIRECTORY_MODE, options.normalise);
      const children = await scanFolder(at, `${path}/`, options, entries);
      if (children === 0 && options.normalise) {
        rmdirSync(at);
        continue;
      }
      entries.push({ kind: 'directory', path, mode });
    } else if (dirent.isFile()) {
      const stat = lstatSync(at);
      const mode = settle(at, stat.mode & 0o7777, normalMode, options.normalise);
      entries.push({ kind: 'file', path, mode, size: stat.size });
    } else if (dirent.isSymbolicLink()) {
      entries.push({ kind: 'link', path, target: readlinkSync(at) });
    } else {
      entries.push({ kind: 'other', path });
    }
    held++;
  }
  return held;
}

export function normalMode(mode: number): number {
  return isExecutable(mode) ? EXECUTABLE_MODE : FILE_MODE;
}

function settle(path: string, mode: number, normal: (mode: number) => number, normalise: boolean): number {
  const wanted = normal(mode);
  if (!normalise || mode === wanted) return mode;
  chmodSync(path, wanted);
  return wanted;
}
