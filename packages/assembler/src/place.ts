import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { Pace } from './pace.ts';
import { DIRECTORY_MODE, type Entry, normalMode } from './scan.ts';
import { isErrno } from './writing.ts';

/** Moves a tree by rename; across file systems, where that cannot be done, by copy. */
export async function moveTree(from: string, to: string, entries: readonly Entry[]): Promise<void> {
  try {
    renameSync(from, to);
    return;
  } catch (error) {
    if (!isErrno(error, 'EXDEV')) throw error;
  }
  await copyTree(from, to, entries, 'copy');
  await removeTree(from);
}

/**
 * Makes the same tree at `to`: modes 644 and 755, links as they are. `share` makes hard links, which cost no space and
 * hardly any time, where the file system can; a copy is a reflink where it can be.
 */
export async function copyTree(
  from: string,
  to: string,
  entries: readonly Entry[],
  how: 'copy' | 'share',
): Promise<void> {
  const pace = new Pace();
  makeFolder(to);
  // Sorted by path, so a folder comes before what it holds.
  for (const entry of entries) {
    if (pace.due()) await pace.rest();
    const source = `${from}/${entry.path}`;
    const copy = `${to}/${entry.path}`;
    switch (entry.kind) {
      case 'directory':
        makeFolder(copy);
        break;
      case 'link':
        symlinkSync(entry.target, copy);
        break;
      case 'file':
        if (how === 'copy' || !share(source, copy)) copyFileSync(source, copy, constants.COPYFILE_FICLONE);
        chmodSync(copy, normalMode(entry.mode));
        break;
      case 'other':
        throw new Error(`${source} is no file, folder or link`);
    }
  }
}

function share(source: string, copy: string): boolean {
  try {
    linkSync(source, copy);
    return true;
  } catch (error) {
    // Another file system, one without hard links, too many links, or a kernel that protects other users' files.
    if (isErrno(error, 'EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) return false;
    throw error;
  }
}

/** With mode 755 whatever the umask. */
export function makeFolder(path: string): void {
  mkdirSync(path, DIRECTORY_MODE);
  if ((process.umask() & DIRECTORY_MODE) !== 0) chmodSync(path, DIRECTORY_MODE);
}

/** Deletes a file or folder and all it holds, without following links; nothing there is fine. */
export async function removeTree(path: string): Promise<void> {
  await removeFolders(await emptyTree(path));
}

/** The same without a pause. */
export function removeTreeNow(path: string): void {
  const left: Levels = [];
  for (const _ of emptying(path, left, 0));
  for (const folder of left.reverse().flat()) rmdirSync(folder);
}

/** Folders that hold nothing but folders, by depth. */
export type Levels = string[][];

/** Deletes a file, or all files of a tree, whose folders remain: `removeFolders` takes them. */
export async function emptyTree(path: string): Promise<Levels> {
  const pace = new Pace();
  const left: Levels = [];
  for (const _ of emptying(path, left, 0)) if (pace.due()) await pace.rest();
  return left;
}

/**
 * Deletes what `emptyTree` has left. Journaling file systems take ten times as long for a folder as for a file, and most of it
 * waiting: so it is left to the thread pool, while the caller does something else.
 */
export async function removeFolders(levels: Levels): Promise<void> {
  for (const folders of levels.toReversed()) await Promise.all(folders.map(folder => rmdir(folder)));
}

/** How many files are deleted between two moments at which something else may be done. */
const BREATH = 64;

function* emptying(path: string, left: Levels, depth: number): Generator<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isDirectory()) {
    unlinkIfThere(path);
    return;
  }
  // A tool may have left folders that not even their owner can enter.
  if ((stat.mode & 0o700) !== 0o700) chmodSync(path, 0o700);
  const level = left[depth] ?? [];
  left[depth] = level;
  level.push(path);
  let seen = 0;
  for (const dirent of readdirSync(path, { withFileTypes: true })) {
    if (seen++ % BREATH === 0) yield;
    const child = `${path}/${dirent.name}`;
    if (dirent.isDirectory()) yield* emptying(child, left, depth + 1);
    else unlinkIfThere(child);
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}
