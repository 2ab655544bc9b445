/** A set of UTF-16 code units: sorted ranges, both ends included, none touching the next. */
export type CharSet = readonly (readonly [number, number])[];

const LAST = 0xffff;

export function charSet(ranges: readonly (readonly [number, number])[]): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [low, high] of sorted) {
    const previous = merged.at(-1);
    if (previous && low <= previous[1] + 1) previous[1] = Math.max(previous[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

export function single(character: string): CharSet {
  const code = character.charCodeAt(0);
  return [[code, code]];
}

export function complement(set: CharSet): CharSet {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [low, high] of set) {
    if (low > next) gaps.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= LAST) gaps.push([next, LAST]);
  return gaps;
}

export function has(set: CharSet, code: number): boolean {
  return set.some(([low, high]) => low <= code && code <= high);
}

export function intersects(a: CharSet, b: CharSet): boolean {
  return a.some(([low, high]) => b.some(range => range[0] <= high && low <= range[1]));
}

const code = (character: string) => character.charCodeAt(0);

export const DIGIT: CharSet = [[code('0'), code('9')]];
export const WORD = charSet([
  ...DIGIT,
  [code('A'), code('Z')],
  [code('a'), code('z')],
  [code('_'), code('_')],
]);
export const SPACE = charSet([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);
/** What `.` does not match. */
const LINE_END = charSet([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]);
export const ANY_BUT_LINE_END = complement(LINE_END);

/** What a request's path can hold: no control characters and no line ends. */
export const IN_PATHS = complement(charSet([[0, 0x1f], [0x7f, 0x7f], ...LINE_END]));

/** One character of each kind that these sets, and paths, tell apart. */
export function representatives(sets: Iterable<CharSet>): number[] {
  const starts = new Set<number>();
  for (const set of [IN_PATHS, ...sets]) {
    for (const [low, high] of set) {
      starts.add(low);
      if (high < LAST) starts.add(high + 1);
    }
  }
  return [...starts].filter(start => has(IN_PATHS, start)).sort((a, b) => a - b);
}
