import { basename, dirname } from 'node:path';
import { FolderHandle } from './folder-handle.ts';

/**
 * A tree that is being written, from its root downwards: every folder is made new, and held open while something is
 * written to it, so that what somebody else does to paths meanwhile leads nowhere. Open are only the folders on the way to
 * the last place.
 */
export class NewTree {
  readonly #parent: FolderHandle;
  readonly #name: string;
  /** The root, then the folders on the way to the current one. */
  readonly #open: FolderHandle[] = [];
  #names: string[] = [];
  readonly #made = new Set<string>();
  // With the usual umask nothing has to be put right afterwards.
  readonly asAsked = (process.umask() & 0o755) === 0;

  /** @param to absolute path of a folder that does not exist, in one that does and is no link. */
  constructor(to: string) {
    this.#parent = FolderHandle.open(dirname(to));
    this.#name = basename(to);
    try {
      this.#enter(this.#parent.make(this.#name));
    } catch (error) {
      this.#parent.close();
      throw error;
    }
  }

  /** A path at which to write a file or link that is `path` in the tree, for calls that do not follow a link at its end. */
  place(path: string): string {
    const names = path.split('/');
    const name = names.pop() ?? '';
    this.#goTo(names);
    return this.#current().at(name);
  }

  /** Removes what was written. What somebody has put in its place stays. */
  remove(): void {
    this.#leave(0);
    this.#parent.remove(this.#name);
  }

  close(): void {
    this.#leave(0);
    this.#parent.close();
  }

  #goTo(names: readonly string[]): void {
    let shared = 0;
    while (shared < names.length && names[shared] === this.#names[shared]) shared++;
    this.#leave(shared + 1);
    this.#names = this.#names.slice(0, shared);
    for (const name of names.slice(shared)) {
      const folder = this.#current();
      this.#names.push(name);
      const path = this.#names.join('/');
      if (this.#made.has(path)) this.#open.push(folder.enter(name));
      else {
        this.#enter(folder.make(name));
        this.#made.add(path);
      }
    }
  }

  #enter(folder: FolderHandle): void {
    this.#open.push(folder);
    if (!this.asAsked) folder.chmod(0o755);
  }

  /** Closes folders until `count` of them are open. */
  #leave(count: number): void {
    for (const folder of this.#open.splice(count)) folder.close();
  }

  #current(): FolderHandle {
    const folder = this.#open.at(-1);
    if (!folder) throw new Error('the tree is closed');
    return folder;
  }
}
