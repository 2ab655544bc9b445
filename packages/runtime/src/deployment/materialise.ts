import { constants, existsSync } from 'node:fs';
import { copyFile, cp, link, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { failed, ok, type Result } from '@svc/contracts';
import type { DeployedFunction } from './function-config.ts';

/**
 * A folder with all files of a function. What our own builds write is complete; the vendor's CLI leaves files in the
 * checkout and lists them in `filePathMap`, relative to the repository's root, so they are gathered from there.
 *
 * Fails with `deployment-invalid` when they are not there any more.
 *
 * @param deployment absolute path of the deployment.
 * @param folder where to make the copy; does not exist yet.
 */
export async function materialise(
  fn: DeployedFunction,
  deployment: string,
  folder: string,
): Promise<Result<string>> {
  const entries = Object.entries(fn.filePathMap);
  if (entries.length === 0) return ok(fn.directory);
  const root = await repositoryRoot(
    deployment,
    entries.map(([, source]) => source),
  );
  const outside = entries.find(([to, from]) => climbs(to) || climbs(from));
  if (root === undefined || outside) {
    return failed({
      code: 'deployment-invalid',
      ...(fn.service === null ? {} : { service: fn.service }),
      message: outside
        ? `the function ${fn.name} wants the file ${outside[1]} as ${outside[0]}, which is outside of it`
        : `files of the function ${fn.name} are missing: its filePathMap names ${entries[0]?.[1]}`,
      help: 'Start it where it was built, with its dependencies still installed; or build it with `svc build`.',
    });
  }
  await cp(fn.directory, folder, { recursive: true, verbatimSymlinks: false, dereference: true });
  const base = await realpath(folder);
  for (const [to, from] of entries) {
    const target = join(base, to);
    await mkdir(dirname(target), { recursive: true });
    await place(join(root, from), target);
  }
  return ok(base);
}

/** The nearest folder above the deployment in which all files are. */
async function repositoryRoot(deployment: string, files: readonly string[]): Promise<string | undefined> {
  for (let folder = dirname(deployment); ; folder = dirname(folder)) {
    if (files.every(file => existsSync(join(folder, file)))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** A second name costs nothing; where the file system has none, or the file is a folder, a copy. */
async function place(from: string, to: string): Promise<void> {
  if ((await stat(from)).isDirectory()) {
    await cp(from, to, { recursive: true });
    return;
  }
  const file = await realpath(from);
  await link(file, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return;
    await copyFile(file, to, constants.COPYFILE_FICLONE);
  });
}

function climbs(path: string): boolean {
  return relative('.', path).startsWith('..');
}
