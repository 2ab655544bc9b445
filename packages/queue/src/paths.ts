/** Paths here are POSIX, relative to the boundary, normalised; the boundary itself is `.`. */

/** Whether `path` is `folder` or lies below it. */
export function contains(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** The folders above a path, outermost first: `.`, `a`, `a/b` for `a/b/c`; none for `.`. */
export function strictAncestors(path: string): string[] {
  if (path === '.') return [];
  const parts = path.split('/');
  return parts.map((_, index) => (index === 0 ? '.' : parts.slice(0, index).join('/')));
}

export function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at === -1 ? '.' : path.slice(0, at);
}

export function joinPath(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`;
}

/** A name for the shell, whatever it holds. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
