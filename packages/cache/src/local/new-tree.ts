import { basename, dirname } from 'node:path';
import { FolderHandle } from './folder-handle.ts';
import { WayDown } from './way-down.ts';
import type { WorkingDirectory } from './working-directory.ts';

/**
 * A tree that is being written, from its root downwards: every folder is made new, and held open while something is
 * written to it, so that what somebody else does to paths meanwhile leads nowhere.
 */
export class NewTree {
  readonly #parent: FolderHandle;
  readonly #name: string;
  readonly #root: FolderHandle;
  readonly #way: WayDown;
  readonly #made = new Set<string>();
  readonly asAsked = modesAreAsAsked();

  /**
   * @param to absolute path of a folder that does not exist, in one that does and is no link.
   * @param standing to go along with what is written, where that is allowed.
   */
  constructor(to: string, standing?: WorkingDirectory) {
    this.#parent = FolderHandle.open(dirname(to));
    this.#name = basename(to);
    try {
      this.#root = this.#make(this.#parent, this.#name);
    } catch (error) {
      this.#parent.close();
      throw error;
    }
    const enter = (folder: FolderHandle, name: string, path: string) => {
      if (this.#made.has(path)) return folder.enter(name);
      const made = this.#make(folder, name);
      this.#made.add(path);
      return made;
    };
    this.#way = new WayDown(this.#root, enter, standing);
  }

  /** The root, for other threads of this process; open until the tree is closed. */
  get descriptor(): number {
    return this.#root.descriptor;
  }

  /**
   * A path at which to write a file or link that is `path` in the tree, for calls that do not follow a link at its end; until
   * the next one.
   */
  place(path: string): string {
    return this.#way.place(path);
  }

  /** Makes the folder that `path` lies in, unless that has been done. */
  prepare(path: string): void {
    const end = path.lastIndexOf('/');
    const wanted = path.slice(0, Math.max(0, end));
    if (end === -1 || this.#made.has(wanted)) return;
    const { folder, name } = this.#way.parentOf(wanted);
    // It is entered by whoever writes to it.
    if (this.asAsked) folder.add(name);
    else this.#make(folder, name).close();
    this.#made.add(wanted);
  }

  /** Removes what was written. What somebody has put in its place stays. */
  remove(): void {
    this.#way.close();
    this.#parent.remove(this.#name);
  }

  close(): void {
    this.#way.close();
    this.#root.close();
    this.#parent.close();
  }

  #make(parent: FolderHandle, name: string): FolderHandle {
    const folder = parent.make(name);
    if (!this.asAsked) folder.chmod(0o755);
    return folder;
  }
}

/** Whether what is made gets the mode that was asked for: with the usual umask nothing has to be put right afterwards. */
export function modesAreAsAsked(): boolean {
  return (process.umask() & 0o755) === 0;
}
