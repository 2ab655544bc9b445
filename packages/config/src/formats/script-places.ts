import type { Position } from '@svc/contracts';
import type { Part, Path } from '../document.ts';
import type { SourceText, Span } from '../source-text.ts';

/**
 * Places in a configuration that is a program. What is written as a literal is found by following its keys and brackets
 * in the text; of what is computed, the nearest literal around it is named.
 */
export function placesInScript(source: SourceText): (path: Path, part?: Part) => Position {
  const code = withoutCommentsAndText(source.text);
  return (path, part = 'value') => {
    let key: Span = { offset: startOfExport(code), length: 1 };
    let value = key;
    let range: Range | undefined;
    for (const step of path) {
      const entries = range ? entriesOf(source.text, code, range) : undefined;
      const found: Entry | undefined = entries
        ? entries.find((entry, index) => (typeof step === 'number' ? index === step : entry.name === step))
        : firstKey(source.text, code, step);
      if (!found) break;
      key = found.key ?? found.value;
      value = found.value;
      range = bracketAt(code, found.value.offset);
      if (!range) {
        // Computed: what lies deeper is written elsewhere.
        break;
      }
    }
    const span =
      part === 'key' ? key : range && value.offset === range.start ? { ...value, length: 1 } : value;
    return source.position(span);
  };
}

interface Range {
  /** Of the opening and the closing bracket. */
  readonly start: number;
  readonly end: number;
}

interface Entry {
  readonly name?: string;
  readonly key?: Span;
  readonly value: Span;
}

/** The same text with comments, and what stands inside quotes, blanked out, so that brackets and commas can be counted. */
function withoutCommentsAndText(text: string): string {
  const blank = (found: string) => found.replace(/[^\n]/g, ' ');
  return text.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|(["'`])((?:\\[\s\S]|(?!\1)[^\\])*)\1/g,
    (found, quote: string | undefined, inner: string | undefined) =>
      quote === undefined ? blank(found) : `${quote}${(inner ?? '').replace(/[^\n]/g, '_')}${quote}`,
  );
}

function startOfExport(code: string): number {
  const found = /\b(?:export\s+(?:default|const\s+config)|module\.exports)\b/.exec(code);
  return found?.index ?? 0;
}

/** The first place where `step` is written as a key, wherever that is: the object may be a constant of any name. */
function firstKey(text: string, code: string, step: string | number): Entry | undefined {
  for (const match of code.matchAll(/(["']?)([\w$-]+)\1\s*:\s*/g)) {
    const quoted = match[1] ?? '';
    const nameStart = match.index + quoted.length;
    const name = text.slice(nameStart, nameStart + (match[2] ?? '').length);
    if (name !== String(step)) continue;
    const valueStart = match.index + match[0].length;
    const key = { offset: match.index, length: (match[2] ?? '').length + 2 * quoted.length };
    return { name, key, value: { offset: valueStart, length: valueLength(code, valueStart, code.length) } };
  }
  return undefined;
}

function bracketAt(code: string, offset: number): Range | undefined {
  const open = code[offset];
  if (open !== '{' && open !== '[') return undefined;
  let depth = 0;
  for (let index = offset; index < code.length; index += 1) {
    const character = code[index] ?? '';
    if ('{[('.includes(character)) depth += 1;
    if ('}])'.includes(character)) depth -= 1;
    if (depth === 0) return { start: offset, end: index };
  }
  return undefined;
}

/** How far a value reaches: to the next comma or closing bracket of its own level. */
function valueLength(code: string, start: number, end: number): number {
  let depth = 0;
  let index = start;
  for (; index < end; index += 1) {
    const character = code[index] ?? '';
    if (depth === 0 && ',}]);'.includes(character)) break;
    if ('{[('.includes(character)) depth += 1;
    if ('}])'.includes(character)) depth -= 1;
  }
  return Math.max(1, code.slice(start, index).trimEnd().length);
}

function entriesOf(text: string, code: string, range: Range): Entry[] {
  const entries: Entry[] = [];
  let start = range.start + 1;
  while (start < range.end) {
    const length = valueLength(code, start, range.end);
    const entry = entryIn(text, code, start, start + length);
    if (entry) entries.push(entry);
    const comma = code.indexOf(',', start + length);
    if (comma < 0 || comma > range.end) break;
    start = comma + 1;
  }
  return entries;
}

function entryIn(text: string, code: string, start: number, end: number): Entry | undefined {
  const first = start + (code.slice(start, end).match(/^\s*/)?.[0].length ?? 0);
  if (first >= end) return undefined;
  const keyed = /^(["'`]?)([\w$-]+)\1\s*:\s*/.exec(code.slice(first, end));
  if (!keyed) return { value: { offset: first, length: end - first } };
  const quoted = keyed[1] ?? '';
  const nameLength = (keyed[2] ?? '').length;
  const value = first + keyed[0].length;
  return {
    name: text.slice(first + quoted.length, first + quoted.length + nameLength),
    key: { offset: first, length: nameLength + 2 * quoted.length },
    value: { offset: value, length: Math.max(1, end - value) },
  };
}
