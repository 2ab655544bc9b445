import { boundedMatch } from './bounded-match.ts';
import { isAnchored, literalPrefix } from './literal-prefix.ts';
import { parseExpression } from './parse.ts';
import { type Program, programOf } from './program.ts';
import { longestFor, type Risk, riskOf, searchRiskOf } from './risk.ts';
import { type Expression, type Syntax, Unsupported } from './syntax.ts';
import { toJavaScript } from './to-javascript.ts';

/** The whole match, then the groups by number. */
export type Groups = readonly (string | undefined)[];

/** A compiled expression whose matching takes bounded time, whatever the text. */
export interface Pattern {
  /** What every matching text begins with; '' when nothing is known. */
  readonly prefix: string;
  /** Group numbers by name. */
  readonly names: ReadonlyMap<string, readonly number[]>;
  /** @throws TooManySteps in place of taking too long. */
  match(text: string): Groups | undefined;
}

export type Compiled =
  | { readonly ok: true; readonly pattern: Pattern }
  /** Completes a sentence that begins with the expression: `looks behind …`. */
  | { readonly ok: false; readonly problem: string };

/**
 * Compiles an expression of a routing table. The engine of JavaScript matches what it cannot take long for, given the
 * length of the text; everything else goes to the bounded matcher, with the same result. Without anchors
 * of its own, an expression is found anywhere.
 */
export function compilePattern(source: string, ignoreCase = false): Compiled {
  try {
    return { ok: true, pattern: patternOf(source, ignoreCase) };
  } catch (error) {
    if (error instanceof Unsupported) return { ok: false, problem: error.message };
    throw error;
  }
}

function patternOf(source: string, ignoreCase: boolean): Pattern {
  const expression = parseExpression(source, ignoreCase);
  const { syntax, names } = expression;
  const anywhere = !isAnchored(syntax);
  const { prefix, whole } = literalPrefix(syntax);
  if (whole) return { prefix, names, match: text => (text === prefix ? [text] : undefined) };
  const risk = anywhere ? searchRiskOf(syntax) : riskOf(syntax);
  const native = nativeMatcher(syntax, risk);
  const longest = native ? longestFor(risk) : -1;
  const program = longest === Infinity ? undefined : programOf(syntax);
  return {
    prefix,
    names,
    match: text =>
      native && text.length <= longest ? native(text) : bounded(program, expression, text, anywhere),
  };
}

function nativeMatcher(syntax: Syntax, risk: Risk): ((text: string) => Groups | undefined) | undefined {
  const source = risk.exponential ? undefined : toJavaScript(syntax);
  if (source === undefined) return undefined;
  const expression = new RegExp(source);
  return text => expression.exec(text) ?? undefined;
}

function bounded(
  program: Program | undefined,
  { captures }: Expression,
  text: string,
  anywhere: boolean,
): Groups | undefined {
  if (!program) throw new Error('an expression without a native matcher has a program');
  const { slots } = boundedMatch(program, captures, text, anywhere);
  if (!slots) return undefined;
  return Array.from({ length: captures + 1 }, (_, group) => {
    const [from = -1, to = -1] = [slots[group * 2], slots[group * 2 + 1]];
    return from === -1 || to === -1 ? undefined : text.slice(from, to);
  });
}
