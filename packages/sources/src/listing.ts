import { below, directlyIn, sortedByBytes } from './paths.ts';

/** What one way of looking at a folder found. Paths are POSIX, relative to that folder; lists are sorted by bytes. */
export interface Listing {
  readonly files: FileList;
  /**
   * Those of the files that are not on the disk, because their author has deleted them since; computed when first asked
   * for. Absent where every file was seen on the disk.
   */
  readonly deleted?: () => Promise<ReadonlySet<string>>;
  /** What exists beside them; folders end in `/`. Computed when first asked for. */
  ignored(): Promise<readonly string[]>;
  /** Of those folders, the ones in which a new file could be an input. */
  open(ignored: readonly string[]): Promise<Set<string>>;
}

/** Every file and link that is an input. A run asks for a few of 100,000 files, so nobody makes strings of them all. */
export interface FileList {
  /** Those below a folder, or that very file; `.` is everything. */
  below(directory: string): readonly string[];
  /** All of them, in any order; a file may come several times. */
  all(): Iterable<string>;
  /** Those in a folder itself, not in the folders inside it. */
  directlyIn(directory: string): readonly string[];
  /** Those with this file name, in whatever folder. */
  named(name: string): readonly string[];
}

/** A list whose paths are known already. */
export function fileList(paths: Iterable<string>): FileList {
  const sorted = sortedByBytes(paths);
  return {
    below: directory => below(sorted, directory),
    all: () => sorted,
    directlyIn: directory => directlyIn(sorted, directory),
    named: name => sorted.filter(path => path === name || path.endsWith(`/${name}`)),
  };
}

/** Those below several folders, each once, sorted. */
export function filesBelow(files: FileList, directories: readonly string[]): readonly string[] {
  const [first = '.', ...others] = directories;
  if (directories.length === 0) return [];
  if (others.length === 0) return files.below(first);
  return sortedByBytes(directories.flatMap(directory => files.below(directory)));
}
