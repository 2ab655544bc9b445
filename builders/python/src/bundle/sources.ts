import { posix } from 'node:path';
import picomatch from 'picomatch';
import { WORK_FOLDER } from '../input.ts';

/** Folders that are nobody's sources: other tools' states, environments, caches. */
const SKIPPED_FOLDERS = new Set([
  ...['.git', '.hg', '.svn', '.svc', '.vercel', '.github', '.idea', '.vscode'],
  ...['.venv', 'venv', '_vendor', '__pycache__', '__pypackages__', WORK_FOLDER],
  ...['.pytest_cache', '.mypy_cache', '.ruff_cache', '.tox', '.nox', '.hypothesis', '.ipynb_checkpoints'],
  ...['node_modules', '.next', '.nuxt', '.pnpm-store'],
]);

/** Bytecode holds times and paths; `.env` files hold secrets of the machine that builds. */
const SKIPPED_FILES =
  /^(?:.*\.py[co]|\.env(?:\..+)?|\.DS_Store|\.coverage|\.gitignore|vercel\.json|\.vercelignore)$/;

/**
 * Which of a service's files its function holds: all of them, as the vendor ships them (section 4 of the services reference),
 * but for what no program needs and what `excludeFiles` of `functions` names.
 */
export function isShipped(excludeFiles: unknown): (path: string, isFolder: boolean) => boolean {
  const pattern = typeof excludeFiles === 'string' ? excludeFiles.replace(/^\.?\//, '') : undefined;
  const isExcluded =
    pattern === undefined ? () => false : picomatch([pattern, `${pattern}/**`], { dot: true });
  return (path, isFolder) => {
    const name = posix.basename(path);
    if (isFolder && (SKIPPED_FOLDERS.has(name) || name.endsWith('.egg-info'))) return false;
    return (isFolder || !SKIPPED_FILES.test(name)) && !isExcluded(path);
  };
}
