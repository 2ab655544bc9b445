import { execFile } from 'node:child_process';
import { type Dirent, readdirSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { joinPath, quote } from '../paths.ts';
import type { NamespaceTools } from './mounts.ts';

/**
 * Keeps a layer whose only content is overlay's mark for "deleted", a character device 0/0, at every ignored path: laid
 * over the checkout it hides a developer's own `node_modules` and build results from the steps. Made anew only where the
 * ignored paths have changed.
 */
export async function maskIgnored(
  mask: string,
  ignored: ReadonlySet<string>,
  tools: NamespaceTools,
): Promise<void> {
  const present = new Set(marksBelow(mask, '.'));
  for (const path of present) if (!ignored.has(path)) await removeMark(mask, path);
  const missing = [...ignored].filter(path => !present.has(path));
  if (missing.length === 0) return;
  for (const folder of new Set(missing.map(path => dirname(join(mask, path)))))
    await mkdir(folder, { recursive: true });
  // A folder inside an ignored one can't be marked, and needs no mark.
  for (let at = 0; at < missing.length; at += 500) {
    const commands = missing.slice(at, at + 500).map(path => `mknod ${quote(join(mask, path))} c 0 0`);
    await promisify(execFile)('unshare', [
      ...tools.unshare,
      '--',
      '/bin/sh',
      '-c',
      ['set -e', ...commands].join('\n'),
    ]);
  }
}

/** Synchronous: a workspace has a folder with a mark for each package, and each trip through the thread pool takes longer. */
function marksBelow(mask: string, folder: string): string[] {
  const marks: string[] = [];
  for (const entry of entriesOf(join(mask, folder))) {
    const path = joinPath(folder, entry.name);
    if (entry.isDirectory()) marks.push(...marksBelow(mask, path));
    else if (entry.isCharacterDevice()) marks.push(path);
  }
  return marks;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Removes the folders that held nothing else as well: an empty folder of a layer is a folder that the steps see. */
async function removeMark(mask: string, path: string): Promise<void> {
  await rm(join(mask, path), { force: true });
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    if ((await readdir(join(mask, folder))).length > 0) return;
    await rmdir(join(mask, folder));
  }
}
