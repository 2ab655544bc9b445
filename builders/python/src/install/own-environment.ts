import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { VersionWish } from '../input.ts';

/** What a service's own `installCommand` has left: a virtual environment, or a folder of packages. */
export interface OwnEnvironment {
  /** Absolute path of the folder that holds the packages. */
  readonly folder: string;
  /** The Python that compiled packages in it are for. */
  readonly wish: VersionWish | null;
}

/** Looks for `.venv` and `_vendor` in the service's root. */
export async function findOwnEnvironment(
  root: string,
  shownRoot: string,
): Promise<OwnEnvironment | undefined> {
  const versions = await readdir(join(root, '.venv', 'lib')).catch(() => []);
  const python = versions.find(name => /^python3\.\d+$/.test(name));
  if (python !== undefined) {
    const minor = python.slice('python'.length);
    const position = { file: `${shownRoot === '.' ? '' : `${shownRoot}/`}.venv`, line: 1, column: 1 };
    return {
      folder: join(root, '.venv', 'lib', python, 'site-packages'),
      wish: {
        specifier: `==${minor}.*`,
        writtenIn: `installCommand made .venv for Python ${minor}`,
        position,
      },
    };
  }
  const vendored = await readdir(join(root, '_vendor')).catch(() => undefined);
  return vendored ? { folder: join(root, '_vendor'), wish: null } : undefined;
}

/** Copies the packages, without the installer that every virtual environment brings. */
export async function copyEnvironment(from: string, to: string): Promise<void> {
  const isInstaller = (path: string) => /^(?:pip|pip-[^/]*\.dist-info)$/.test(path.slice(from.length + 1));
  await cp(from, to, { recursive: true, verbatimSymlinks: true, filter: path => !isInstaller(path) });
}
