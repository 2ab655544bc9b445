import type { Position } from '@svc/contracts';

/** A range of a file in UTF-16 code units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** A file's text that can say where in it something stands. */
export interface SourceText {
  /** As the user would type it from the project's folder. */
  readonly file: string;
  readonly text: string;
  position(span: Span): Position;
}

export function sourceText(file: string, text: string): SourceText {
  const lineStarts = startsOfLines(text);

  function position(span: Span): Position {
    const offset = Math.max(0, Math.min(span.offset, text.length));
    const line = lastStartAtOrBefore(lineStarts, offset);
    const start = lineStarts[line] ?? 0;
    const end = lineStarts[line + 1] ?? text.length;
    const lineText = text.slice(start, end).replace(/[\r\n]+$/, '');
    const column = offset - start + 1;
    // Only what stands on this line can be underlined.
    const length = Math.max(1, Math.min(span.length, lineText.length - column + 1));
    return { file, line: line + 1, column, length, lineText };
  }

  return { file, text, position };
}

function startsOfLines(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

function lastStartAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
