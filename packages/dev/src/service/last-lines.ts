/** Lines of output that an error page and a failure show. */
const KEPT = 200;
const SHOWN = 40;
const LONGEST = 2000;

/** The last lines of a service, oldest first, without the escapes that colour them. */
export class LastLines {
  private lines: string[] = [];

  add(line: string): void {
    this.lines.push(plain(line).slice(0, LONGEST));
    if (this.lines.length > KEPT) this.lines = this.lines.slice(-SHOWN);
  }

  clear(): void {
    this.lines = [];
  }

  get last(): readonly string[] {
    const shown = this.lines.slice(-SHOWN);
    const first = shown.findIndex(line => line.trim() !== '');
    return first === -1 ? [] : shown.slice(first);
  }
}

/** Colours, and what moves the cursor. */
function plain(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
  return line.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '');
}
