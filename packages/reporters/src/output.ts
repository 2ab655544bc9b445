/** Where a reporter writes: a standard stream, or something like it. */
export interface Output {
  write(text: string): unknown;
  /** Height of the terminal, where it is one. */
  readonly rows?: number;
}
