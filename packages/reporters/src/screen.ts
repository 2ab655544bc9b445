import type { Output } from './output.ts';
import { widthOf } from './text.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_BELOW = '\u001b[0J';

/** A block of lines at the bottom of a terminal that is drawn over itself. */
export class Screen {
  readonly #output: Output;
  readonly #columns: () => number;
  /** Widths of the lines that stand there now. */
  #drawn: readonly number[] = [];
  #hidden = false;

  constructor(output: Output, columns: () => number) {
    this.#output = output;
    this.#columns = columns;
  }

  draw(lines: readonly string[]): void {
    const hide = this.#hidden ? '' : HIDE_CURSOR;
    this.#hidden = true;
    // In one piece, or the terminal might show the moment between erasing and drawing.
    this.#output.write(`${hide}${this.#erasing()}${lines.map(line => `${line}\n`).join('')}`);
    this.#drawn = lines.map(widthOf);
  }

  /** Takes the block away, gives the cursor back, and writes lines that stay. */
  leave(lines: readonly string[]): void {
    const show = this.#hidden ? SHOW_CURSOR : '';
    this.#hidden = false;
    const text = `${this.#erasing()}${show}${lines.map(line => `${line}\n`).join('')}`;
    if (text !== '') this.#output.write(text);
    this.#drawn = [];
  }

  /** Back to the first row of the block. A terminal made narrower since has broken the lines into several rows each. */
  #erasing(): string {
    if (this.#drawn.length === 0) return '';
    const columns = Math.max(1, this.#columns());
    const rows = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return `\u001b[${rows}A\r${ERASE_BELOW}`;
  }
}
