import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
/** Linux leads from there to what a descriptor has open, whatever lies at its path by now (proc_pid_fd(5)). */
const DESCRIPTORS = '/proc/self/fd';
let hasDescriptors: boolean | undefined;

/**
 * A folder that is held open. What is reached through it is in that very folder, even when somebody moves it away meanwhile or
 * puts a link in its place: the same as the system's calls that end in `at`, which Node does not have. A link is never
 * followed to get into a folder. Where there is no /proc, paths are used, and only the moment of opening is guarded.
 */
export class FolderHandle {
  private constructor(
    readonly descriptor: number,
    private readonly path: string,
  ) {}

  /** Throws ENOTDIR or ELOOP where the path is a link or no folder. */
  static open(path: string): FolderHandle {
    return FolderHandle.#open(path, path);
  }

  static #open(path: string, shown: string): FolderHandle {
    return new FolderHandle(openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), shown);
  }

  /** A path to something in it, for calls that do not follow a link at its end. */
  at(name: string): string {
    hasDescriptors ??= existsSync(DESCRIPTORS);
    return hasDescriptors ? `${DESCRIPTORS}/${this.descriptor}/${name}` : `${this.path}/${name}`;
  }

  /** A folder that another thread of this process holds open. @param path where it lies */
  static ofDescriptor(descriptor: number, path: string): FolderHandle {
    return new FolderHandle(descriptor, path);
  }

  make(name: string): FolderHandle {
    this.add(name);
    return this.enter(name);
  }

  /** Makes a folder without entering it. */
  add(name: string): void {
    mkdirSync(this.at(name), 0o755);
  }

  enter(name: string): FolderHandle {
    return FolderHandle.#open(this.at(name), `${this.path}/${name}`);
  }

  /** Sets the folder's own mode, whatever the umask. */
  chmod(mode: number): void {
    fchmodSync(this.descriptor, mode);
  }

  /** Removes what has that name, and all in it where it is a folder. */
  remove(name: string): void {
    let folder: FolderHandle;
    try {
      folder = this.enter(name);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
      unlinkSync(this.at(name));
      return;
    }
    try {
      for (const inner of readdirSync(folder.at('.'))) folder.remove(inner);
    } finally {
      folder.close();
    }
    rmdirSync(this.at(name));
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/**
 * Removes a folder and all in it, without ever following a link that somebody puts in its way. Nothing there is fine; where
 * somebody else is at work in it, some of it may stay.
 */
export function removeFolder(path: string): void {
  if (!existsSync(dirname(path))) return;
  // Users may well have put a link there: only what is svc's own may not be one.
  const parent = FolderHandle.open(realpathSync(dirname(path)));
  try {
    parent.remove(basename(path));
  } catch (error) {
    if (!isInterference(error)) throw error;
  } finally {
    parent.close();
  }
}

/** Errors by which a folder shows that somebody else is at work in it. */
export function isInterference(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && ['EEXIST', 'ELOOP', 'ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EISDIR'].includes(code);
}
