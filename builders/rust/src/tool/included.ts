import { chmod, copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import picomatch from 'picomatch';
import { WORK_FOLDER } from '../input.ts';

const SKIPPED = new Set(['.git', '.svc', '.vercel', 'node_modules', 'target', WORK_FOLDER]);

/** Copies the files that a glob names, written from the service's root, to the same places in the function. */
export async function copyIncluded(root: string, folder: string, pattern: unknown): Promise<void> {
  if (typeof pattern !== 'string') return;
  const wanted = pattern.replace(/^\.?\//, '');
  const matches = picomatch([wanted, `${wanted}/**`], { dot: true });
  const walk = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(root, path), { withFileTypes: true })) {
      const inner = posix.join(path, entry.name);
      if (SKIPPED.has(entry.name)) continue;
      if (entry.isDirectory()) await walk(inner);
      else if (matches(inner)) await copy(join(root, inner), join(folder, inner));
    }
  };
  await walk('.');
}

async function copy(from: string, to: string): Promise<void> {
  const stats = await stat(from);
  if (!stats.isFile()) return;
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, stats.mode & 0o100 ? 0o755 : 0o644);
}
