import { posix } from 'node:path';

/** Whether a POSIX path is relative and stays inside the folder that it starts from. */
export function staysInside(path: string): boolean {
  if (path.includes('\0') || /^(?:[/\\]|[A-Za-z]:)/.test(path)) return false;
  const normal = posix.normalize(path);
  return normal !== '..' && !normal.startsWith('../');
}

/** Whether `inner` is `outer` or lies in it; both POSIX, relative to one folder. */
export function contains(outer: string, inner: string): boolean {
  const folder = posix.normalize(outer).replace(/\/$/, '');
  const path = posix.normalize(inner).replace(/\/$/, '');
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}
