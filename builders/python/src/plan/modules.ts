import { posix } from 'node:path';
import type { AppReference } from '../input.ts';
import type { ServiceFiles } from './service-files.ts';

/**
 * How a file of the service is imported. By its path from the root, as a server started there would (`api/main.py` is
 * `api.main`), but for a package below a `src` folder, whose name doesn't start with `src`. The folder above the file's
 * outermost package is importable as well, as it is for `python src/main.py`.
 */
export function moduleOf(
  files: ServiceFiles,
  file: string,
  root = '.',
): Pick<AppReference, 'module' | 'paths'> {
  const base = packageBase(files, file);
  const from = isSourceFolder(files, base) ? base : root;
  const paths = [...new Set([from, root, '.', base])];
  return { module: dotted(posix.relative(from, file)), paths };
}

/** The file that a dotted name stands for: seen from the root, from `src`, or from another folder. */
export function fileOfModule(
  files: ServiceFiles,
  module: string,
  folders = ['.', 'src'],
): string | undefined {
  const stem = module.replaceAll('.', '/');
  return folders
    .flatMap(folder => [posix.join(folder, `${stem}.py`), posix.join(folder, stem, '__init__.py')])
    .find(path => files.has(path));
}

function packageBase(files: ServiceFiles, file: string): string {
  let folder = posix.dirname(file);
  while (folder !== '.' && files.has(posix.join(folder, '__init__.py'))) folder = posix.dirname(folder);
  return folder;
}

function isSourceFolder(files: ServiceFiles, folder: string): boolean {
  return folder === 'src' && !files.has('src/__init__.py');
}

function dotted(path: string): string {
  return path
    .replace(/\.py$/, '')
    .replace(/\/__init__$/, '')
    .replaceAll('/', '.');
}
