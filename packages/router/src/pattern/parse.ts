import { ANY_BUT_LINE_END, type CharSet, single } from '@svc/char-sets';
import { bothCases } from './case.ts';
import { characterClass, escapedSet } from './parse-class.ts';
import { accept, type Reader, rest, take } from './reader.ts';
import { type Expression, type Syntax, Unsupported } from './syntax.ts';

/**
 * Parses a JavaScript expression, and what PCRE has beyond it and tables use: `(?P<x>…)`, repeated names, `(?i)`, POSIX
 * classes, `\A \z \h`, `\Q…\E`, atomic groups and possessive quantifiers.
 *
 * @throws Unsupported for back-references, whose matching cannot be bounded, for recursion, conditions, Unicode
 * properties, and for what is no expression at all.
 */
export function parseExpression(source: string, ignoreCase: boolean): Expression {
  const parser = new Parser(source, ignoreCase);
  const syntax = parser.all();
  return { syntax, captures: parser.captures, names: parser.names };
}

const EDGES: Readonly<Record<string, Extract<Syntax, { kind: 'edge' }>['at']>> = {
  A: 'start',
  z: 'end',
  Z: 'end',
  b: 'word',
  B: 'not-word',
};
const OPENINGS = [
  [':', 'group'],
  ['=', 'ahead'],
  ['!', 'not-ahead'],
  ['<=', 'behind'],
  ['<!', 'not-behind'],
  ['>', 'atomic'],
] as const;

class Parser {
  readonly names = new Map<string, number[]>();
  captures = 0;
  #reader: Reader;
  #ignoreCase: boolean;

  constructor(source: string, ignoreCase: boolean) {
    this.#reader = { text: source, at: 0 };
    this.#ignoreCase = ignoreCase;
  }

  all(): Syntax {
    const syntax = this.#choice();
    if (rest(this.#reader) !== '') throw new Unsupported('has a ")" without its "("');
    return syntax;
  }

  #choice(): Syntax {
    const before = this.#ignoreCase;
    const parts = [this.#sequence()];
    while (accept(this.#reader, '|')) parts.push(this.#sequence());
    // An inline flag ends with the group that it stands in.
    this.#ignoreCase = before;
    const [only] = parts;
    return parts.length === 1 && only ? only : { kind: 'choice', parts };
  }

  #sequence(): Syntax {
    const parts: Syntax[] = [];
    while (!['', '|', ')'].includes(rest(this.#reader)[0] ?? '')) {
      if (this.#inlineFlag()) continue;
      if (accept(this.#reader, '\\Q')) parts.push(...this.#quoted());
      else parts.push(this.#quantified(this.#atom()));
    }
    const [only] = parts;
    return parts.length === 1 && only ? only : { kind: 'sequence', parts };
  }

  #inlineFlag(): boolean {
    if (accept(this.#reader, '(?i)')) this.#ignoreCase = true;
    else if (accept(this.#reader, '(?-i)')) this.#ignoreCase = false;
    else return false;
    return true;
  }

  #quoted(): Syntax[] {
    const text = rest(this.#reader);
    const end = text.indexOf('\\E');
    this.#reader.at += end === -1 ? text.length : end + 2;
    return [...(end === -1 ? text : text.slice(0, end))].map(character => this.#set(single(character)));
  }

  #atom(): Syntax {
    const character = take(this.#reader);
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#set(characterClass(this.#reader));
      case '.':
        return this.#set(ANY_BUT_LINE_END);
      case '^':
        return { kind: 'edge', at: 'start' };
      case '$':
        return { kind: 'edge', at: 'end' };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new Unsupported(`has a "${character}" with nothing before it to repeat`);
      default:
        return this.#set(single(character));
    }
  }

  #escape(): Syntax {
    const next = rest(this.#reader)[0] ?? '';
    const edge = EDGES[next];
    if (edge) {
      this.#reader.at += 1;
      return { kind: 'edge', at: edge };
    }
    if (/[1-9gk]/.test(next)) {
      throw new Unsupported('refers back to what a group matched, so its matching cannot be bounded');
    }
    return this.#set(escapedSet(this.#reader));
  }

  #group(): Syntax {
    if (!accept(this.#reader, '?')) return this.#capture(undefined);
    const name = /^P?<([A-Za-z_$][\w$]*)>|^'([A-Za-z_]\w*)'/.exec(rest(this.#reader));
    if (name) {
      this.#reader.at += name[0].length;
      return this.#capture(name[1] ?? name[2]);
    }
    const flags = /^(-?)i:/.exec(rest(this.#reader));
    if (flags) {
      this.#reader.at += flags[0].length;
      const before = this.#ignoreCase;
      this.#ignoreCase = flags[1] === '';
      const part = this.#closed();
      this.#ignoreCase = before;
      return part;
    }
    const kind = OPENINGS.find(([opening]) => accept(this.#reader, opening))?.[1];
    if (!kind) throw new Unsupported(`uses "(?${rest(this.#reader).slice(0, 3)}", which svc does not know`);
    const part = this.#closed();
    if (kind === 'group') return part;
    if (kind === 'atomic') return { kind: 'atomic', part };
    return { kind: 'look', behind: kind.endsWith('behind'), negative: kind.startsWith('not'), part };
  }

  #capture(name: string | undefined): Syntax {
    this.captures += 1;
    const index = this.captures;
    if (name !== undefined) this.names.set(name, [...(this.names.get(name) ?? []), index]);
    return { kind: 'capture', index, part: this.#closed() };
  }

  #closed(): Syntax {
    const part = this.#choice();
    if (!accept(this.#reader, ')')) throw new Unsupported('has a "(" without its ")"');
    return part;
  }

  #quantified(part: Syntax): Syntax {
    const limits = quantifier(this.#reader);
    if (!limits) return part;
    if (limits.min > limits.max)
      throw new Unsupported('has a repetition whose limits are the wrong way round');
    const mode = accept(this.#reader, '?') ? 'lazy' : accept(this.#reader, '+') ? 'possessive' : 'greedy';
    return { kind: 'repeat', part, ...limits, mode };
  }

  #set(set: CharSet): Syntax {
    return { kind: 'set', set: this.#ignoreCase ? bothCases(set) : set };
  }
}

function quantifier(reader: Reader): { min: number; max: number } | undefined {
  if (accept(reader, '*')) return { min: 0, max: Infinity };
  if (accept(reader, '+')) return { min: 1, max: Infinity };
  if (accept(reader, '?')) return { min: 0, max: 1 };
  const braces = /^\{(\d+)(,(\d*))?\}/.exec(rest(reader));
  if (!braces) return undefined;
  reader.at += braces[0].length;
  const min = Number(braces[1]);
  if (braces[2] === undefined) return { min, max: min };
  return { min, max: braces[3] === '' ? Infinity : Number(braces[3]) };
}
