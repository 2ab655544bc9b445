/**
 * The project as a service's finished steps left it, whatever isolation they ran in: sources, installed packages and
 * what was built, as one tree. For reading from outside the isolation. Paths are POSIX, relative to the boundary.
 */
export interface WorkingView {
  /** `undefined` when nothing is there. Links are not followed. */
  stat(path: string): Promise<ViewEntry | undefined>;
  /** Names in a folder, sorted by bytes; `undefined` when there is no such folder. */
  list(directory: string): Promise<readonly ViewEntry[] | undefined>;
  /**
   * Absolute path of that file (or of a folder none of whose parts comes from another layer) on this machine, for a
   * reader that needs a real path; `undefined` when nothing is there.
   */
  locate(path: string): Promise<string | undefined>;
  /** Copies a whole folder to an absolute path outside the view: links kept as they are, modes 644 or 755. */
  copy(directory: string, to: string, keep?: (path: string) => boolean): Promise<void>;
}

export interface ViewEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link';
}
