/** A set of UTF-16 code units: sorted ranges, both ends included, none touching the next. */
export type CharSet = readonly (readonly [low: number, high: number])[];

/** The last code unit. */
export const LAST = 0xffff;

/** Ranges in any order, overlapping or not, as a set. */
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
