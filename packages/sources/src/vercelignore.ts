import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { foldersAbove } from './paths.ts';

/** What `.vercelignore` files take away from a listing. */
export interface VercelIgnore {
  /** Whether there are any rules at all. */
  readonly isEmpty: boolean;
  kept(files: readonly string[]): readonly string[];
  /** Which of these files are excluded, folders as a whole (ending in `/`) where they are excluded as a whole. */
  excluded(files: readonly string[]): readonly string[];
}

/** One `.vercelignore` and the folder it speaks for (`''` or ending in `/`). */
interface IgnoreFile {
  readonly path: string;
  readonly folder: string;
  readonly rules: Ignore;
}

/**
 * Applies every `.vercelignore` of a project to what lies below it. The vendor reads one, at the top of what it uploads;
 * here a project may consist of folders that were projects of their own and brought theirs along.
 *
 * @param paths of those files that exist, relative to `directory`.
 */
export async function readVercelIgnore(directory: string, paths: readonly string[]): Promise<VercelIgnore> {
  const ignoreFiles = await Promise.all(
    paths.map(async (path): Promise<IgnoreFile> => {
      const rules = ignore().add(await readFile(join(directory, path), 'utf8'));
      return { path, folder: path.slice(0, -'.vercelignore'.length), rules };
    }),
  );
  if (ignoreFiles.length === 0) return { isEmpty: true, kept: files => files, excluded: () => [] };
  return {
    isEmpty: false,
    kept: files => files.filter(file => exclusionOf(file, ignoreFiles) === undefined),
    excluded: files => [...new Set(files.flatMap(file => exclusionOf(file, ignoreFiles) ?? []))],
  };
}

/** The file or the outermost folder around it that a rule excludes. */
function exclusionOf(file: string, ignoreFiles: readonly IgnoreFile[]): string | undefined {
  for (const { path, folder, rules } of ignoreFiles) {
    if (!file.startsWith(folder) || file === path) continue;
    const relative = file.slice(folder.length);
    if (!rules.ignores(relative)) continue;
    const outermost = [...foldersAbove(relative)].find(above => rules.ignores(`${above}/`));
    return outermost === undefined ? file : `${folder}${outermost}/`;
  }
  return undefined;
}
