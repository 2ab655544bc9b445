import { ANY_BUT_LINE_END, type CharSet } from '@svc/char-sets';
import { never } from '@svc/contracts';
import type { Syntax } from './syntax.ts';

const EDGE = { start: '^', end: '$', word: '\\b', 'not-word': '\\B' } as const;
const NOTHING = '(?!)';

/** The same expression for the engine of JavaScript; undefined where that engine has no such thing. */
export function toJavaScript(syntax: Syntax): string | undefined {
  switch (syntax.kind) {
    case 'set':
      return setSource(syntax.set);
    case 'edge':
      return EDGE[syntax.at];
    case 'atomic':
      return undefined;
    case 'capture':
      return around('(', syntax.part, ')');
    case 'look':
      return around(`(?${syntax.behind ? '<' : ''}${syntax.negative ? '!' : '='}`, syntax.part, ')');
    case 'sequence':
      return joined(syntax.parts, '');
    case 'choice': {
      const parts = joined(syntax.parts, '|');
      return parts === undefined ? undefined : `(?:${parts})`;
    }
    case 'repeat': {
      const part = around('(?:', syntax.part, ')');
      if (syntax.mode === 'possessive' || part === undefined) return undefined;
      const { min, max } = syntax;
      return `${part}{${min},${max === Infinity ? '' : max}}${syntax.mode === 'lazy' ? '?' : ''}`;
    }
    default:
      return never(syntax);
  }
}

function around(before: string, part: Syntax, after: string): string | undefined {
  const source = toJavaScript(part);
  return source === undefined ? undefined : before + source + after;
}

function joined(parts: readonly Syntax[], by: string): string | undefined {
  const sources = parts.map(toJavaScript);
  return sources.includes(undefined) ? undefined : sources.join(by);
}

function setSource(set: CharSet): string {
  if (set === ANY_BUT_LINE_END) return '.';
  if (set.length === 0) return NOTHING;
  const [range] = set;
  if (set.length === 1 && range && range[0] === range[1]) return escaped(range[0]);
  const ranges = set.map(([low, high]) => (low === high ? escaped(low) : `${escaped(low)}-${escaped(high)}`));
  return `[${ranges.join('')}]`;
}

function escaped(code: number): string {
  const character = String.fromCharCode(code);
  return /[A-Za-z0-9_]/.test(character) ? character : `\\u${code.toString(16).padStart(4, '0')}`;
}
