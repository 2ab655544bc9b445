import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ignore } from 'ignore';
import ignore from 'ignore';
import { GENERATED_FOLDERS, GENERATED_MARKERS, OWN_FOLDERS, VERSION_CONTROL } from './generated.ts';
import { fileList, type Listing } from './listing.ts';

const SKIPPED = new Set([...GENERATED_FOLDERS, ...OWN_FOLDERS, ...VERSION_CONTROL]);

/** A `.gitignore` and the folder it speaks for (`''` or ending in `/`). */
interface IgnoreFile {
  readonly folder: string;
  readonly rules: Ignore;
}

/**
 * What a folder holds where git has no say: everything but generated folders and what `.gitignore` files exclude.
 * Links are entries, not followed; sockets, pipes and devices are nobody's source.
 */
export async function listByWalking(directory: string): Promise<Listing> {
  const files: string[] = [];
  const ignored: string[] = [];
  await walk(directory, '', [], files, ignored);
  return { files: fileList(files), ignored: async () => ignored, open: async () => new Set() };
}

async function walk(
  top: string,
  folder: string,
  outer: readonly IgnoreFile[],
  files: string[],
  ignored: string[],
): Promise<void> {
  const entries = await readdir(join(top, folder), { withFileTypes: true });
  if (folder !== '' && entries.some(isMarker)) {
    ignored.push(folder);
    return;
  }
  const ignoreFiles = await withIgnoreFileOf(top, folder, entries, outer);
  const folders: string[] = [];
  for (const entry of entries) {
    const isFolder = entry.isDirectory();
    const path = `${folder}${entry.name}${isFolder ? '/' : ''}`;
    if (SKIPPED.has(entry.name) || isIgnored(path, ignoreFiles)) ignored.push(path);
    else if (isFolder) folders.push(path);
    else if (entry.isFile() || entry.isSymbolicLink()) files.push(path);
  }
  await Promise.all(folders.map(inner => walk(top, inner, ignoreFiles, files, ignored)));
}

function isMarker(entry: Dirent): boolean {
  return entry.isFile() && GENERATED_MARKERS.includes(entry.name);
}

async function withIgnoreFileOf(
  top: string,
  folder: string,
  entries: readonly Dirent[],
  outer: readonly IgnoreFile[],
): Promise<readonly IgnoreFile[]> {
  if (!entries.some(entry => entry.name === '.gitignore' && entry.isFile())) return outer;
  const text = await readFile(join(top, folder, '.gitignore'), 'utf8');
  return [...outer, { folder, rules: ignore().add(text) }];
}

/** The innermost file with an opinion decides, as in git. */
function isIgnored(path: string, ignoreFiles: readonly IgnoreFile[]): boolean {
  for (const { folder, rules } of ignoreFiles.toReversed()) {
    const verdict = rules.test(path.slice(folder.length));
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}
