/** A set of UTF-16 code units: sorted ranges, both ends included, none touching the next. */
export type CharSet = readonly (readonly [low: number, high: number])[];

const LAST = 0xffff;
const CASE_DISTANCE = 32;

export function charSet(ranges: readonly (readonly [number, number])[]): CharSet {
  const merged: [number, number][] = [];
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
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
  for (const [low, high] of set) if (code <= high) return code >= low;
  return false;
}

export function intersects(a: CharSet, b: CharSet): boolean {
  return a.some(([low, high]) => b.some(range => range[0] <= high && low <= range[1]));
}

/** Adds the other case of every ASCII letter. Paths hold nothing else that has a case. */
export function bothCases(set: CharSet): CharSet {
  const others: [number, number][] = [];
  for (const [low, high] of set) {
    addShifted(others, low, high, 'A', 'Z', CASE_DISTANCE);
    addShifted(others, low, high, 'a', 'z', -CASE_DISTANCE);
  }
  return others.length === 0 ? set : charSet([...set, ...others]);
}

function addShifted(
  into: [number, number][],
  low: number,
  high: number,
  first: string,
  last: string,
  distance: number,
): void {
  const from = Math.max(low, first.charCodeAt(0));
  const to = Math.min(high, last.charCodeAt(0));
  if (from <= to) into.push([from + distance, to + distance]);
}

/** `characters('09AZ')` is digits and capitals: pairs of first and last. */
function characters(pairs: string): CharSet {
  const ranges: [number, number][] = [];
  for (let at = 0; at < pairs.length; at += 2) ranges.push([pairs.charCodeAt(at), pairs.charCodeAt(at + 1)]);
  return charSet(ranges);
}

export const DIGIT = characters('09');
export const WORD = characters('09AZaz__');
export const BLANK = characters('\t\t  ');
export const SPACE = characters(
  '\t\r  \u00a0\u00a0\u1680\u1680\u2000\u200a\u2028\u2029\u202f\u202f\u205f\u205f\u3000\u3000\ufeff\ufeff',
);
export const ANY_BUT_LINE_END = complement(characters('\n\n\r\r\u2028\u2029'));

/** What stands between `[:` and `:]` in a PCRE class. */
export const POSIX: Readonly<Record<string, CharSet>> = {
  alnum: characters('09AZaz'),
  alpha: characters('AZaz'),
  blank: BLANK,
  cntrl: characters('\u0000\u001f\u007f\u007f'),
  digit: DIGIT,
  graph: characters('!~'),
  lower: characters('az'),
  print: characters(' ~'),
  punct: characters('!/:@[`{~'),
  space: characters('\t\r  '),
  upper: characters('AZ'),
  word: WORD,
  xdigit: characters('09AFaf'),
};
