import {
  ANY_BUT_LINE_END,
  BLANK,
  type CharSet,
  charSet,
  complement,
  DIGIT,
  SPACE,
  single,
  WORD,
} from '@svc/char-sets';
import { POSIX } from './posix-classes.ts';
import { accept, type Reader, rest, take } from './reader.ts';
import { Unsupported } from './syntax.ts';

const SETS: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
  h: BLANK,
  H: complement(BLANK),
  N: ANY_BUT_LINE_END,
};
const CONTROLS: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  f: '\f',
  v: '\v',
  e: '\u001b',
  a: '\u0007',
  0: '\0',
};

/** What a backslash stands for; the reader is behind it. */
export function escapedSet(reader: Reader): CharSet {
  const character = take(reader);
  const set = SETS[character];
  if (set) return set;
  const control = CONTROLS[character];
  if (control !== undefined) return single(control);
  if (character === 'x') return accept(reader, '{') ? braced(reader) : hexadecimal(reader, 2);
  if (character === 'u') return hexadecimal(reader, 4);
  if (/[A-Za-z0-9]/.test(character)) throw new Unsupported(`uses "\\${character}", which svc does not know`);
  return single(character);
}

/** A class; the reader is behind its opening bracket. */
export function characterClass(reader: Reader): CharSet {
  const negated = accept(reader, '^');
  const ranges: (readonly [number, number])[] = [];
  // PCRE takes a bracket that comes first literally. JavaScript has an empty class there, which no table can want.
  if (accept(reader, ']')) ranges.push(...single(']'));
  while (!accept(reader, ']')) {
    const low = member(reader);
    const next = reader.text[reader.at + 1];
    if (rest(reader)[0] !== '-' || next === ']' || next === undefined) {
      ranges.push(...low);
      continue;
    }
    reader.at += 1;
    const high = member(reader);
    const [from, to] = [oneOf(low), oneOf(high)];
    if (from === undefined || to === undefined) ranges.push(...low, ...single('-'), ...high);
    else if (from > to) throw new Unsupported('has a range of characters the wrong way round');
    else ranges.push([from, to]);
  }
  const set = charSet(ranges);
  return negated ? complement(set) : set;
}

function member(reader: Reader): CharSet {
  const posix = /^\[:(\^?)([a-z]+):\]/.exec(rest(reader));
  if (posix) {
    const set = POSIX[posix[2] ?? ''];
    if (!set) throw new Unsupported(`uses "${posix[0]}", which is no class`);
    reader.at += posix[0].length;
    return posix[1] ? complement(set) : set;
  }
  const character = take(reader);
  if (character !== '\\') return single(character);
  // In a class it is a backspace, not the edge of a word.
  return accept(reader, 'b') ? single('\b') : escapedSet(reader);
}

function oneOf(set: CharSet): number | undefined {
  const [range] = set;
  return set.length === 1 && range && range[0] === range[1] ? range[0] : undefined;
}

function hexadecimal(reader: Reader, digits: number): CharSet {
  const text = reader.text.slice(reader.at, reader.at + digits);
  if (text.length < digits || !/^[0-9a-fA-F]+$/.test(text)) {
    throw new Unsupported('has a hexadecimal character with too few digits');
  }
  reader.at += digits;
  return single(String.fromCharCode(Number.parseInt(text, 16)));
}

function braced(reader: Reader): CharSet {
  const digits = /^([0-9a-fA-F]{1,4})\}/.exec(rest(reader));
  if (!digits) throw new Unsupported('has a hexadecimal character that svc does not know');
  reader.at += digits[0].length;
  return single(String.fromCharCode(Number.parseInt(digits[1] ?? '', 16)));
}
