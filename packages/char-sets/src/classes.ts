import { type CharSet, charSet, complement } from './char-set.ts';

/** `characters('09AZ')` is digits and capitals: pairs of first and last. */
export function characters(pairs: string): CharSet {
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
