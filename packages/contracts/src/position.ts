/** A place in a file that a user wrote. */
export interface Position {
  /** Path as the user would type it from the project's folder, `/` between segments. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units. */
  readonly column: number;
  /** How many characters to underline; 1 when absent. */
  readonly length?: number;
  /** The text of that line, where the one who made the position had it at hand; renderers draw the code frame from it. */
  readonly lineText?: string;
}
