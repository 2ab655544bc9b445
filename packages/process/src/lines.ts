/** Longest line handed on, in characters: a program that never ends its line must not fill the memory. */
const LONGEST_LINE = 16_384;

/**
 * Cuts a stream of text into lines; one that is too long is handed on in pieces. A carriage return that redraws a line
 * (a progress bar) counts as a line end.
 */
export function splitLines(onLine: (line: string) => void): { push(text: string): void; end(): void } {
  let rest = '';
  const inPieces = (line: string) => {
    for (let at = 0; at === 0 || at < line.length; at += LONGEST_LINE)
      onLine(line.slice(at, at + LONGEST_LINE));
  };
  return {
    push(text) {
      // A return at the very end may be half of a line end, so it waits for what follows.
      const parts = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = parts.pop() ?? '';
      parts.forEach(inPieces);
      if (rest.length < LONGEST_LINE) return;
      inPieces(rest);
      rest = '';
    },
    end() {
      const last = rest.replace(/\r$/, '');
      rest = '';
      if (last) onLine(last);
    },
  };
}
