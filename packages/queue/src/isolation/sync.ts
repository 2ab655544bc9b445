import { constants, type Stats } from 'node:fs';
import { copyFile, mkdir, readdir, readlink, rm, symlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lstatIfThere, removeTree } from '../folders.ts';
import { joinPath } from '../paths.ts';

export interface Sync {
  /** Absolute folders that mirror each other. */
  readonly from: string;
  readonly to: string;
  /** The part of `to` that is brought in line; all of it when absent. */
  readonly within?: string;
  /** What is to be there, relative to both. */
  readonly files: readonly string[];
  /** Paths without a source that may stay, or hold something that may. */
  readonly keep: (path: string) => boolean;
}

/**
 * Makes one tree hold exactly these files of another. A file whose size and time of change agree is left alone, so the
 * second time costs a look at each file; copying is copy-on-write where the file system can.
 */
export async function syncFiles(sync: Sync): Promise<void> {
  const wanted = new Set(sync.files);
  const folders = new Set(sync.files.map(file => dirname(file)));
  await removeOthers(sync, sync.within ?? '.', wanted, withAncestors(folders));
  for (const folder of folders) await mkdir(join(sync.to, folder), { recursive: true });
  await inBatches(sync.files, file => syncFile(join(sync.from, file), join(sync.to, file)));
}

function withAncestors(folders: ReadonlySet<string>): Set<string> {
  const all = new Set<string>();
  for (let folder of folders)
    for (; folder !== '.' && !all.has(folder); folder = dirname(folder)) all.add(folder);
  return all;
}

async function removeOthers(
  sync: Sync,
  folder: string,
  files: ReadonlySet<string>,
  folders: ReadonlySet<string>,
): Promise<void> {
  for (const entry of await readdir(join(sync.to, folder), { withFileTypes: true })) {
    const path = joinPath(folder, entry.name);
    const isWanted = entry.isDirectory() ? folders.has(path) : files.has(path);
    if (isWanted || sync.keep(path)) {
      if (entry.isDirectory() && entry.name !== 'node_modules')
        await removeOthers(sync, path, files, folders);
    } else {
      await removeTree(join(sync.to, path));
    }
  }
}

async function syncFile(from: string, to: string): Promise<void> {
  const source = await lstatIfThere(from);
  if (!source) return;
  const present = await lstatIfThere(to);
  if (source.isSymbolicLink()) {
    const target = await readlink(from);
    if (present?.isSymbolicLink() && (await readlink(to)) === target) return;
    if (present) await rm(to, { recursive: true });
    await symlink(target, to);
    return;
  }
  if (!source.isFile()) return;
  if (present && isSame(source, present)) return;
  if (present) await rm(to, { recursive: true });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await utimes(to, source.atime, source.mtime);
}

function isSame(source: Stats, present: Stats): boolean {
  const sameTime = Math.trunc(present.mtimeMs) === Math.trunc(source.mtimeMs);
  return present.isFile() && present.size === source.size && present.mode === source.mode && sameTime;
}

/** Enough at a time to keep the disk busy, few enough to keep the memory small. */
async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += 64) await Promise.all(items.slice(at, at + 64).map(work));
}
