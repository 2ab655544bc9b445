import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type BuildInput, WORK_FOLDER } from '../input.ts';
import { run } from './run.ts';

const SKIPPED = new Set(['.git', '.svc', '.vercel', 'node_modules', 'target', WORK_FOLDER]);

interface Seen {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Path relative to the service's root -> time of change and size. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Cargo takes a source for unchanged unless its time of change is later than the last build, which is wrong for one that was
 * put back from an archive or moved into place. Packages with such a file are forgotten, so that cargo compiles them anew.
 */
export async function forgetStale(input: BuildInput, root: string): Promise<void> {
  const record = join(root, WORK_FOLDER, 'seen.json');
  const before = await readRecord(record);
  const at = Date.now();
  const files: Record<string, string> = {};
  const stale = new Set<string>();
  for (const { folder, name } of input.packages) {
    for (const file of await filesBelow(root, folder)) {
      const { mtimeMs, size } = await stat(join(root, file));
      files[file] = `${mtimeMs}:${size}`;
      if (before && before.files[file] !== files[file] && mtimeMs <= before.at) stale.add(name);
    }
  }
  if (stale.size > 0) {
    const names = [...stale].filter(name => name !== '').flatMap(name => ['--package', name]);
    const env = { CARGO_TARGET_DIR: join(root, WORK_FOLDER, 'target') };
    await run('cargo', ['clean', '--offline', '--release', ...names], join(root, input.folder), env);
  }
  const seen: Seen = { at, files };
  await writeFile(record, JSON.stringify(seen));
}

async function readRecord(file: string): Promise<Seen | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Seen;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) found.push(...(await filesBelow(root, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}
