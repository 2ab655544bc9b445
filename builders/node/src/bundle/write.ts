import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type BundleJob, insideFunction, isOutside } from './job.ts';

/** What a function's folder is to hold. Paths are those in the function's tree, which are those under the boundary. */
export interface FunctionTree {
  /** Copied from under the boundary; links among them stay links where they lead to something in the tree. */
  readonly copied: Iterable<string>;
  /** Written as they are; they replace copied files of the same path. */
  readonly generated: ReadonlyMap<string, string>;
  /** Made: path -> absolute folder under the boundary. */
  readonly links: ReadonlyMap<string, string>;
}

/** Writes the tree with modes 644 and 755 and relative links, so that it can be moved anywhere. */
export async function writeFunction(job: BundleJob, folder: string, tree: FunctionTree): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const links = new Map<string, string>();
  const files: string[] = [];
  for (const path of [...new Set(tree.copied)].sort()) {
    if (tree.generated.has(path)) continue;
    const stats = await lstat(join(job.boundary, path)).catch(() => undefined);
    if (stats?.isSymbolicLink()) links.set(path, await realpath(join(job.boundary, path)));
    else if (stats?.isFile()) files.push(path);
  }
  for (const [path, target] of tree.links) links.set(path, target);

  const folders = new Set<string>();
  const place = async (path: string) => {
    const parent = dirname(join(folder, path));
    if (!folders.has(parent)) await mkdir(parent, { recursive: true });
    folders.add(parent);
    return join(folder, path);
  };
  await inBatches(files, async path => copy(join(job.boundary, path), await place(path)));
  for (const [path, text] of tree.generated) await writeFile(await place(path), text, { mode: 0o644 });

  const held = new Set<string>();
  for (const path of [...files, ...tree.generated.keys()]) {
    for (let each = path; each !== '.' && !held.has(each); each = dirname(each)) held.add(each);
  }
  for (const [path, target] of links) {
    if (isOutside(job, target)) await copy(target, await place(path));
    else if (held.has(insideFunction(job, target)) && !held.has(path)) {
      const at = insideFunction(job, target);
      await symlink(relative(dirname(path), at), await place(path));
    }
  }
}

async function copy(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const { mode } = await lstat(from);
  await chmod(to, mode & 0o100 ? 0o755 : 0o644);
}

async function inBatches<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += 64) {
    await Promise.all(items.slice(start, start + 64).map(act));
  }
}
