import type { DeploymentManifest, FileEntry } from '@svc/contracts';
import { sortedByBytes } from './bytes.ts';
import { MANIFEST_FILE } from './manifest-file.ts';
import { shown } from './refusal.ts';
import { DIRECTORY_MODE, type Entry, EXECUTABLE_MODE, FILE_MODE } from './scan.ts';

export interface Difference {
  readonly path: string;
  /** Continues a sentence that begins with the path. */
  readonly what: string;
}

/** The first path, in the order of bytes, at which a folder is not what its manifest says, contents of files left aside. */
export function firstStructuralDifference(
  manifest: DeploymentManifest,
  entries: readonly Entry[],
): Difference | undefined {
  const actual = new Map(entries.map(entry => [entry.path, entry]));
  const files = new Map(Object.entries(manifest.files));
  const folders = new Set([...files.keys()].flatMap(foldersAbove));
  const paths = new Set([...actual.keys(), ...files.keys(), ...folders]);
  for (const path of sortedByBytes([...paths])) {
    const what = differenceAt(path, actual.get(path), files.get(path), folders.has(path));
    if (what !== undefined) return { path, what };
  }
  return undefined;
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    folders.push(path.slice(0, end));
  return folders;
}

function differenceAt(
  path: string,
  entry: Entry | undefined,
  file: FileEntry | undefined,
  isFolder: boolean,
): string | undefined {
  if (!entry) return 'is missing';
  if (path === MANIFEST_FILE) return fileDifference(entry, undefined, FILE_MODE);
  if (isFolder) return folderDifference(entry);
  if (!file) return entry.kind === 'directory' ? 'was added: it is a folder without files' : 'was added';
  if (!('link' in file))
    return fileDifference(entry, file.size, file.executable ? EXECUTABLE_MODE : FILE_MODE);
  if (entry.kind !== 'link')
    return `was changed: it is ${named(entry)} and must be a link to ${shown(file.link)}`;
  if (entry.target === file.link) return undefined;
  return `was changed: it is a link to ${shown(entry.target)} and must lead to ${shown(file.link)}`;
}

function folderDifference(entry: Entry): string | undefined {
  if (entry.kind !== 'directory') return `was changed: it is ${named(entry)} and must be a folder`;
  return modeDifference(entry.mode, DIRECTORY_MODE);
}

function fileDifference(entry: Entry, size: number | undefined, mode: number): string | undefined {
  if (entry.kind !== 'file') return `was changed: it is ${named(entry)} and must be a file`;
  if (size !== undefined && entry.size !== size) {
    return `was changed: it has ${entry.size} bytes and must have ${size}`;
  }
  return modeDifference(entry.mode, mode);
}

/** Windows has no such modes. */
function modeDifference(mode: number, wanted: number): string | undefined {
  if (mode === wanted || process.platform === 'win32') return undefined;
  return `was changed: its mode is ${mode.toString(8)} and must be ${wanted.toString(8)}`;
}

function named(entry: Entry): string {
  switch (entry.kind) {
    case 'file':
      return 'a file';
    case 'link':
      return 'a link';
    case 'directory':
      return 'a folder';
    case 'other':
      return 'a pipe, a socket or a device';
  }
}
