import type { FolderHandle } from './folder-handle.ts';

/**
 * The way from a tree's root to where something is written, each folder on it held open and reached through the one above it.
 * What somebody else does to paths meanwhile leads nowhere. Open are only the folders on the way to the last place.
 */
export class WayDown {
  /** The root, then the folders on the way to the current one. */
  readonly #open: FolderHandle[];
  #names: readonly string[] = [];

  /**
   * @param root stays open when the way is closed.
   * @param next opens the folder of that name in the last one; `path` is relative to the root.
   */
  constructor(
    private readonly root: FolderHandle,
    private readonly next: (folder: FolderHandle, name: string, path: string) => FolderHandle,
  ) {
    this.#open = [root];
  }

  /** A path at which to write what is `path` in the tree, for calls that do not follow a link at its end. */
  place(path: string): string {
    const { folder, name } = this.parentOf(path);
    return folder.at(name);
  }

  /** The folder that `path` is in, open until the next call, and its name there. */
  parentOf(path: string): { readonly folder: FolderHandle; readonly name: string } {
    const names = path.split('/');
    const name = names.pop() ?? '';
    return { folder: this.#goTo(names), name };
  }

  close(): void {
    this.#leave(0);
  }

  #goTo(names: readonly string[]): FolderHandle {
    let shared = 0;
    while (shared < names.length && names[shared] === this.#names[shared]) shared++;
    this.#leave(shared);
    for (let depth = shared; depth < names.length; depth++) {
      const open = this.next(
        this.#open.at(-1) ?? this.root,
        names[depth] ?? '',
        names.slice(0, depth + 1).join('/'),
      );
      this.#open.push(open);
      this.#names = names.slice(0, depth + 1);
    }
    return this.#open.at(-1) ?? this.root;
  }

  /** Closes folders until only `depth` of them are open below the root. */
  #leave(depth: number): void {
    this.#names = this.#names.slice(0, depth);
    for (const folder of this.#open.splice(depth + 1)) folder.close();
  }
}
