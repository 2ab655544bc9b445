import type { FolderHandle } from './folder-handle.ts';
import type { WorkingDirectory } from './working-directory.ts';

/**
 * The way from a tree's root to where something is written, each folder on it held open and reached through the one above it.
 * What somebody else does to paths meanwhile leads nowhere. Open are only the folders on the way to the last place.
 */
export class WayDown {
  /** The root, then the folders on the way to the current one. */
  readonly #open: FolderHandle[];
  #names: readonly string[] = [];
  /** The same as one path. */
  #folder = '';

  /**
   * @param root stays open when the way is closed.
   * @param next opens the folder of that name in the last one; `path` is relative to the root.
   * @param standing to go along, where that is allowed.
   */
  constructor(
    private readonly root: FolderHandle,
    private readonly next: (folder: FolderHandle, name: string, path: string) => FolderHandle,
    private readonly standing?: WorkingDirectory,
  ) {
    this.#open = [root];
  }

  /** A path at which to write what is `path` in the tree, for calls that do not follow a link at its end; until the next one. */
  place(path: string): string {
    const { folder, name } = this.parentOf(path);
    return this.standing ? this.standing.pathTo(folder, name) : folder.at(name);
  }

  /** The folder that `path` is in, open until the next call, and its name there. */
  parentOf(path: string): { readonly folder: FolderHandle; readonly name: string } {
    const end = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(0, end));
    if (folder !== this.#folder) this.#goTo(folder);
    return { folder: this.#open.at(-1) ?? this.root, name: path.slice(end + 1) };
  }

  close(): void {
    this.#leave(0);
  }

  #goTo(path: string): void {
    const wanted = path === '' ? [] : path.split('/');
    let shared = 0;
    while (shared < wanted.length && wanted[shared] === this.#names[shared]) shared++;
    this.#leave(shared);
    for (const name of wanted.slice(shared)) {
      const names = [...this.#names, name];
      const folder = names.join('/');
      this.#open.push(this.next(this.#open.at(-1) ?? this.root, name, folder));
      this.#names = names;
      this.#folder = folder;
    }
  }

  /** Closes folders until only `depth` of them are open below the root. */
  #leave(depth: number): void {
    this.#names = this.#names.slice(0, depth);
    this.#folder = this.#names.join('/');
    for (const folder of this.#open.splice(depth + 1)) folder.close();
  }
}
