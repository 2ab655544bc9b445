import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

export interface Found {
  /** Path below the folder that was walked, with `/`. */
  readonly path: string;
  /** Absolute path, links resolved. */
  readonly file: string;
  readonly isDirectory: boolean;
}

/**
 * Everything below a folder that `wanted` tells to stop at, and all files. Links are followed as long as they stay inside
 * `boundary`: one that leads out of the deployment would publish the machine.
 *
 * @param wanted whether a folder of this name is an entry itself, not to be looked into.
 * @param boundary absolute path without links.
 */
export async function walk(
  folder: string,
  boundary: string,
  wanted: (name: string) => boolean = () => false,
): Promise<Found[]> {
  const found: Found[] = [];
  const visit = async (directory: string, prefix: string, above: readonly string[]): Promise<void> => {
    const entries = await readdir(directory, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = `${prefix}${entry.name}`;
      const target = entry.isSymbolicLink()
        ? await resolveLink(join(directory, entry.name), boundary)
        : { file: join(directory, entry.name), isDirectory: entry.isDirectory(), isFile: entry.isFile() };
      if (!target) continue;
      const { file, isDirectory } = target;
      if (isDirectory && wanted(entry.name)) found.push({ path, file, isDirectory });
      else if (isDirectory && !above.includes(file)) await visit(file, `${path}/`, [...above, file]);
      else if (target.isFile) found.push({ path, file, isDirectory: false });
    }
  };
  try {
    const start = await realpath(folder);
    await visit(start, '', [start]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return found;
}

async function resolveLink(path: string, boundary: string) {
  try {
    const file = await realpath(path);
    if (file !== boundary && !file.startsWith(boundary + sep)) return undefined;
    const target = await stat(file);
    return { file, isDirectory: target.isDirectory(), isFile: target.isFile() };
  } catch (error) {
    // A link that leads nowhere is nothing to serve.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP') return undefined;
    throw error;
  }
}
