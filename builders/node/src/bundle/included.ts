import { readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import picomatch from 'picomatch';
import { type BundleJob, insideFunction } from './job.ts';

/** Tests a path in the function's tree against a glob that is written from the service's root. */
export function globFromRoot(job: BundleJob, pattern: string | undefined): (path: string) => boolean {
  if (pattern === undefined) return () => false;
  const fromBoundary = posix.join(insideFunction(job, job.root), pattern.replace(/^\//, ''));
  const matches = picomatch([fromBoundary, `${fromBoundary}/**`], { dot: true });
  return path => matches(path);
}

/** The files that `includeFiles` names, as paths in the function's tree. A folder means all that it holds. */
export async function includedFiles(job: BundleJob, pattern: string | undefined): Promise<string[]> {
  if (pattern === undefined) return [];
  const fromBoundary = posix.join(insideFunction(job, job.root), pattern.replace(/^\//, ''));
  const matches = globFromRoot(job, pattern);
  const entersPackages = fromBoundary.split('/').includes('node_modules');
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(join(job.boundary, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = posix.join(folder, entry.name);
      if (SKIPPED.has(entry.name) || (entry.name === 'node_modules' && !entersPackages)) continue;
      if (entry.isDirectory()) await walk(path);
      else if (matches(path) && (entry.isFile() || (await isFile(join(job.boundary, path)))))
        found.push(path);
    }
  };
  const base = picomatch.scan(fromBoundary).base;
  if (await isFile(join(job.boundary, fromBoundary))) return [fromBoundary];
  if (!base.startsWith('..')) await walk(base || '.');
  return found;
}

const SKIPPED = new Set(['.git', '.svc', '.vercel']);

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    stats => stats.isFile(),
    () => false,
  );
}
