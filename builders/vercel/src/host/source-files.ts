import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileOnDisk } from './file-on-disk.ts';

/** Names that the vendor's CLI never hands to a builder (section 4 of the services reference). */
const NEVER = new Set(
  (
    '.hg .git .gitmodules .svn .cache .next .now .vercel .svc .npmignore .dockerignore .gitignore .DS_Store .lock-wscript ' +
    '.env.local .venv venv CVS npm-debug.log config.gypi node_modules __pycache__'
  ).split(' '),
);
const NEVER_LIKE = /^(?:\.env\..*\.local|\..*\.swp|\.wafpickle-.*)$/;

/**
 * The service's sources, by path relative to its root, as builders receive them. The step's working copy holds sources,
 * installed packages and caches only, so what is not one of the latter two is a source.
 */
export async function sourceFiles(
  root: string,
  caches: readonly string[],
): Promise<Record<string, FileOnDisk>> {
  const skipped = new Set([...caches, '.yarn/cache']);
  const files: [string, FileOnDisk][] = [];
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (NEVER.has(entry.name) || NEVER_LIKE.test(entry.name) || skipped.has(path)) continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() || entry.isSymbolicLink()) {
        const fsPath = join(root, path);
        files.push([path, new FileOnDisk(fsPath, (await lstat(fsPath)).mode)]);
      }
    }
  };
  await walk('');
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}
