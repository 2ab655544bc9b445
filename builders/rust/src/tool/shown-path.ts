import { posix, relative, sep } from 'node:path';

/**
 * A path as the user would type it from the project's folder.
 *
 * @param shownRoot the service's root in that form. @param root the same, absolute. @param path absolute.
 */
export function shownPath(shownRoot: string, root: string, path: string): string {
  return posix.join(shownRoot, relative(root, path).split(sep).join('/'));
}
