import { type CharSet, charSet } from '@svc/char-sets';

const CASE_DISTANCE = 32;

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
