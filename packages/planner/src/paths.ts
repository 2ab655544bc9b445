import { posix } from 'node:path';

/** Joins folders relative to the boundary; `.` is the boundary itself. */
export function join(...parts: readonly string[]): string {
  return posix.join(...parts).replace(/(?<=.)\/$/, '');
}

/** Whether `path` is the folder or lies in it. */
export function isWithin(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** `apps/web` -> `apps/web`, `apps`, `.`: the folder and those above it, up to the boundary. */
export function upward(folder: string): string[] {
  const folders = [folder];
  while (folder !== '.') {
    folder = posix.dirname(folder);
    folders.push(folder);
  }
  return folders;
}

/** Path of `path` as seen from `folder`, which holds it. */
export function relativeTo(folder: string, path: string): string {
  if (folder === '.') return path;
  return path === folder ? '.' : path.slice(folder.length + 1);
}

/** `.` or `a/b` for a path that stays inside, without `./`, `//` or a trailing slash; `undefined` when it climbs out. */
export function normalised(path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const plain = join(path);
  return plain === '..' || plain.startsWith('../') ? undefined : plain;
}
