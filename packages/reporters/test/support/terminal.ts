import { widthOf } from '../../src/text.ts';

/**
 * As much of a terminal as the live table needs: printing with line breaks at the right edge, returning, moving up,
 * erasing below, and the cursor's visibility. Anything else that it is sent is an error.
 */
export class Terminal {
  columns: number;
  cursorIsVisible = true;
  #lines: string[] = [''];
  #row = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is a terminal
    for (const [part] of text.matchAll(/\u001b\[[?0-9;]*[A-Za-z]|\n|\r|[^\u001b\n\r]+|[\s\S]/g))
      this.#obey(part);
  }

  /** What can be seen, without empty lines at the end. */
  screen(): string {
    return this.#lines
      .map(line => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  #obey(part: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is a terminal
    const up = /^\u001b\[(\d+)A$/.exec(part);
    if (part === '\n') this.#newLine();
    else if (part === '\r') return;
    else if (part === '\u001b[0J') this.#lines = [...this.#lines.slice(0, this.#row), ''];
    else if (part === '\u001b[?25l') this.cursorIsVisible = false;
    else if (part === '\u001b[?25h') this.cursorIsVisible = true;
    else if (up) this.#row = Math.max(0, this.#row - Number(up[1]));
    else if (part.startsWith('\u001b')) throw new Error(`unexpected sequence ${JSON.stringify(part)}`);
    else this.#print(part);
  }

  #newLine(): void {
    this.#row++;
    if (this.#row === this.#lines.length) this.#lines.push('');
  }

  #print(text: string): void {
    for (const character of text) {
      if (widthOf((this.#lines[this.#row] ?? '') + character) > this.columns) this.#newLine();
      this.#lines[this.#row] = (this.#lines[this.#row] ?? '') + character;
    }
  }

  /** What a terminal does with its lines when it is made narrower. */
  resize(columns: number): void {
    const before = this.#lines;
    const cursor = this.#row;
    this.columns = columns;
    this.#lines = [''];
    this.#row = 0;
    for (const [index, line] of before.entries()) {
      this.#print(line);
      if (index < cursor) this.#newLine();
    }
  }
}
