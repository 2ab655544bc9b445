/** What one way of looking at a folder found. Paths are POSIX, relative to that folder. */
export interface Listing {
  /** Every file and link that is an input, in any order. */
  readonly files: readonly string[];
  /**
   * Those of `files` that are not on the disk, because their author has deleted them since; computed when first asked for.
   * Absent where every file was seen on the disk.
   */
  readonly deleted?: () => Promise<ReadonlySet<string>>;
  /** What exists beside them; folders end in `/`. Computed when first asked for. */
  ignored(): Promise<readonly string[]>;
}
