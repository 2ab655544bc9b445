import {
  ANY_BUT_LINE_END,
  type CharSet,
  charSet,
  complement,
  DIGIT,
  SPACE,
  single,
  WORD,
} from '@svc/char-sets';

/** A regular expression in the strict sense: what an automaton can decide. */
export type Regular =
  | { readonly kind: 'characters'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly parts: readonly Regular[] }
  | { readonly kind: 'choice'; readonly parts: readonly Regular[] }
  | { readonly kind: 'repeat'; readonly part: Regular; readonly min: number; readonly max: number };

/**
 * Parses an anchored JavaScript expression (`^…$`), as routes have them. Undefined for what is not regular or not
 * understood here: look-around, back-references, word boundaries, anchors inside. Who asks then claims nothing.
 */
export function parseRegular(source: string): Regular | undefined {
  if (!source.startsWith('^') || !source.endsWith('$')) return undefined;
  const reader = { text: source.slice(1, -1), at: 0 };
  try {
    const parsed = choice(reader);
    return reader.at === reader.text.length ? parsed : undefined;
  } catch (error) {
    if (error instanceof NotRegular) return undefined;
    throw error;
  }
}

class NotRegular extends Error {}

interface Reader {
  readonly text: string;
  at: number;
}

function peek(reader: Reader): string {
  return reader.text[reader.at] ?? '';
}

function take(reader: Reader): string {
  const character = peek(reader);
  if (character === '') throw new NotRegular();
  reader.at += 1;
  return character;
}

function accept(reader: Reader, text: string): boolean {
  if (!reader.text.startsWith(text, reader.at)) return false;
  reader.at += text.length;
  return true;
}

function choice(reader: Reader): Regular {
  const start = reader.at;
  const parts = [sequence(reader)];
  while (accept(reader, '|')) parts.push(sequence(reader));
  const [only] = parts;
  // Outside of groups an alternative would have taken the anchors to itself.
  if (start === 0 && parts.length > 1) throw new NotRegular();
  return parts.length === 1 && only ? only : { kind: 'choice', parts };
}

function sequence(reader: Reader): Regular {
  const parts: Regular[] = [];
  while (!['', '|', ')'].includes(peek(reader))) parts.push(quantified(reader, atom(reader)));
  return { kind: 'sequence', parts };
}

function quantified(reader: Reader, part: Regular): Regular {
  const limits = quantifier(reader);
  if (!limits) return part;
  // Lazy or greedy is the same language.
  accept(reader, '?');
  return { kind: 'repeat', part, ...limits };
}

function quantifier(reader: Reader): { min: number; max: number } | undefined {
  if (accept(reader, '*')) return { min: 0, max: Infinity };
  if (accept(reader, '+')) return { min: 1, max: Infinity };
  if (accept(reader, '?')) return { min: 0, max: 1 };
  const braces = /^\{(\d+)(,(\d*))?\}/.exec(reader.text.slice(reader.at));
  if (!braces) return undefined;
  reader.at += braces[0].length;
  const min = Number(braces[1]);
  const open = braces[3] === '' ? Infinity : Number(braces[3]);
  return { min, max: braces[2] === undefined ? min : open };
}

function atom(reader: Reader): Regular {
  const character = take(reader);
  switch (character) {
    case '(':
      return group(reader);
    case '[':
      return { kind: 'characters', set: characterClass(reader) };
    case '.':
      return { kind: 'characters', set: ANY_BUT_LINE_END };
    case '\\':
      return { kind: 'characters', set: escaped(reader) };
    case '^':
    case '$':
    case '*':
    case '+':
    case '?':
      throw new NotRegular();
    default:
      return { kind: 'characters', set: single(character) };
  }
}

function group(reader: Reader): Regular {
  if (accept(reader, '?')) {
    const named = /^<[A-Za-z_$][\w$]*>/.exec(reader.text.slice(reader.at));
    if (named) reader.at += named[0].length;
    else if (!accept(reader, ':')) throw new NotRegular();
  }
  const inner = choice(reader);
  if (!accept(reader, ')')) throw new NotRegular();
  return inner;
}

function escaped(reader: Reader): CharSet {
  const character = take(reader);
  switch (character) {
    case 'd':
      return DIGIT;
    case 'D':
      return complement(DIGIT);
    case 'w':
      return WORD;
    case 'W':
      return complement(WORD);
    case 's':
      return SPACE;
    case 'S':
      return complement(SPACE);
    case 'x':
      return hexadecimal(reader, 2);
    case 'u':
      return hexadecimal(reader, 4);
    case 't':
      return single('\t');
    case 'n':
      return single('\n');
    case 'r':
      return single('\r');
    case 'f':
      return single('\f');
    case 'v':
      return single('\v');
    default:
      // Back-references, boundaries, properties.
      if (/[A-Za-z0-9]/.test(character)) throw new NotRegular();
      return single(character);
  }
}

function hexadecimal(reader: Reader, digits: number): CharSet {
  const text = reader.text.slice(reader.at, reader.at + digits);
  if (!new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(text)) throw new NotRegular();
  reader.at += digits;
  return single(String.fromCharCode(Number.parseInt(text, 16)));
}

function characterClass(reader: Reader): CharSet {
  const negated = accept(reader, '^');
  const ranges: (readonly [number, number])[] = [];
  while (!accept(reader, ']')) {
    const low = classMember(reader);
    const isRange = peek(reader) === '-' && (reader.text[reader.at + 1] ?? ']') !== ']';
    if (!isRange) {
      ranges.push(...low);
      continue;
    }
    reader.at += 1;
    const high = classMember(reader);
    const [from, to] = [low[0]?.[0], high[0]?.[1]];
    if (low.length !== 1 || high.length !== 1 || from === undefined || to === undefined || from > to) {
      throw new NotRegular();
    }
    ranges.push([from, to]);
  }
  const set = charSet(ranges);
  return negated ? complement(set) : set;
}

function classMember(reader: Reader): CharSet {
  const character = take(reader);
  return character === '\\' ? escaped(reader) : single(character);
}
