import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore from 'ignore';
import { foldersAbove } from './paths.ts';

/** What `.vercelignore` files take away from a listing. */
export interface VercelIgnored {
  readonly kept: readonly string[];
  /** What they exclude, folders as a whole (ending in `/`) where they exclude the whole. */
  readonly excluded: readonly string[];
}

/**
 * Applies every `.vercelignore` among the files to what lies below it. The vendor reads one, at the top of what it
 * uploads; here a project may consist of folders that were projects of their own and brought theirs along.
 */
export async function applyVercelIgnore(directory: string, files: readonly string[]): Promise<VercelIgnored> {
  const ignoreFiles = files.filter(path => path === '.vercelignore' || path.endsWith('/.vercelignore'));
  let kept = files;
  const excluded = new Set<string>();
  for (const path of ignoreFiles) {
    const rules = ignore().add(await readFile(join(directory, path), 'utf8'));
    const folder = path.slice(0, -'.vercelignore'.length);
    kept = kept.filter(file => {
      if (!file.startsWith(folder) || file === path) return true;
      const relative = file.slice(folder.length);
      if (!rules.ignores(relative)) return true;
      const outermost = [...foldersAbove(relative)].find(above => rules.ignores(`${above}/`));
      excluded.add(outermost === undefined ? file : `${folder}${outermost}/`);
      return false;
    });
  }
  return { kept, excluded: [...excluded] };
}
