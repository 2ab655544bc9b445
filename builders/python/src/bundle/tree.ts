import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/**
 * Copies what a folder holds, with modes 644 and 755. Links that lead to something inside the folder stay links; those that
 * lead out of it become what they lead to, so that the copy refers to nothing outside.
 *
 * @param keep whether a file or a folder with all that is in it is copied, by its POSIX path in the folder.
 */
export async function copyTree(
  from: string,
  to: string,
  keep: (path: string, isFolder: boolean) => boolean,
): Promise<void> {
  const real = await realpath(from);
  await copyFolder(real, to, '', { real, keep, links: [] });
}

interface Walk {
  readonly real: string;
  readonly keep: (path: string, isFolder: boolean) => boolean;
  /** Folders that are being copied through a link, to stop at circles. */
  readonly links: readonly string[];
}

async function copyFolder(from: string, to: string, path: string, walk: Walk): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true });
  const files: Promise<void>[] = [];
  let isMade = false;
  for (const entry of entries) {
    const inner = path === '' ? entry.name : `${path}/${entry.name}`;
    if (!walk.keep(inner, entry.isDirectory())) continue;
    if (!isMade) await mkdir(to, { recursive: true });
    isMade = true;
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyFolder(source, target, inner, walk);
    else if (entry.isSymbolicLink()) await copyLink(source, target, inner, walk);
    else if (entry.isFile()) files.push(copyPlain(source, target));
  }
  await Promise.all(files);
}

async function copyLink(source: string, target: string, path: string, walk: Walk): Promise<void> {
  const leadsTo = await realpath(source).catch(() => undefined);
  // A link that leads nowhere can't be of use to anybody.
  if (leadsTo === undefined) return;
  const inside = relative(walk.real, leadsTo).split(sep).join('/');
  const isInside = inside !== '' && !inside.startsWith('../');
  const written = await readlink(source);
  if (isInside && !written.startsWith('/')) return symlink(written, target);
  const stats = await lstat(leadsTo);
  if (isInside && walk.keep(inside, stats.isDirectory())) {
    return symlink(relative(dirname(source), leadsTo), target);
  }
  if (stats.isFile()) return copyPlain(leadsTo, target);
  if (walk.links.includes(leadsTo)) return;
  await copyFolder(leadsTo, target, path, { ...walk, links: [...walk.links, leadsTo] });
}

async function copyPlain(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const { mode } = await lstat(from);
  await chmod(to, mode & 0o100 ? 0o755 : 0o644);
}
