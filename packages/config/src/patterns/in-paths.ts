import { ANY_BUT_LINE_END, type CharSet, charSet, complement, has, LAST } from '@svc/char-sets';

/** What a request's path can hold: no control characters and no line ends. */
const IN_PATHS = complement(charSet([[0, 0x1f], [0x7f, 0x7f], ...complement(ANY_BUT_LINE_END)]));

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
