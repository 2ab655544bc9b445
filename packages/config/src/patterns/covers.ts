import { type CharSet, has } from '@svc/char-sets';
import { type Automaton, automatonOf, closure } from './automaton.ts';
import { representatives } from './in-paths.ts';
import { parseRegular, type Regular } from './regular.ts';

/** How many combinations of states are looked at before the answer is "not proven". */
const EFFORT = 20_000;

/** A compiled source, prepared for comparison. */
export interface Pattern {
  readonly source: string;
  readonly expression: RegExp;
  /** Absent for what is not regular, of which nothing can be proven. */
  readonly automaton?: Automaton;
  /** One path that it matches. */
  readonly sample?: string;
}

/** `source` is an anchored expression, as compiled routes have them. */
export function patternOf(source: string): Pattern {
  const regular = parseRegular(source);
  const automaton = regular && automatonOf(regular);
  const sample = regular && sampleOf(regular);
  const expression = new RegExp(source);
  return {
    source,
    expression,
    ...(automaton ? { automaton } : {}),
    ...(sample?.startsWith('/') && expression.test(sample) ? { sample } : {}),
  };
}

/** Whether every path that `later` matches is matched by `earlier` too. True only when proven; false says nothing. */
export function covers(earlier: Pattern, later: Pattern): boolean {
  if (earlier.source === later.source) return true;
  // Most pairs have nothing to do with each other, and one path shows it.
  if (later.sample !== undefined && !earlier.expression.test(later.sample)) return false;
  if (!earlier.automaton || !later.automaton) return false;
  return includes(earlier.automaton, later.automaton);
}

function sampleOf(regular: Regular): string | undefined {
  switch (regular.kind) {
    case 'characters': {
      const code = ['x', '1', '/'].map(text => text.charCodeAt(0)).find(each => has(regular.set, each));
      const any = code ?? representatives([regular.set]).find(each => has(regular.set, each));
      return any === undefined ? undefined : String.fromCharCode(any);
    }
    case 'sequence': {
      const parts = regular.parts.map(sampleOf);
      return parts.includes(undefined) ? undefined : parts.join('');
    }
    case 'choice':
      return regular.parts.map(sampleOf).find(part => part !== undefined);
    case 'repeat':
      return regular.min > 100 ? undefined : sampleOf(regular.part)?.repeat(regular.min);
  }
}

/** Walks both at once; a counter-example is a word at whose end only the narrow one accepts. */
function includes(wide: Automaton, narrow: Automaton): boolean {
  const alphabet = representatives([...setsOf(wide), ...setsOf(narrow)]);
  const pending: [narrow: readonly number[], wide: readonly number[], first: boolean][] = [
    [closure(narrow, [narrow.start]), closure(wide, [wide.start]), true],
  ];
  const seen = new Set<string>();
  for (let effort = 0; pending.length > 0; effort += 1) {
    if (effort > EFFORT) return false;
    const [inNarrow, inWide, first] = pending.pop() ?? [[], [], false];
    // A path is never empty, so what is accepted before the first character does not count.
    if (!first && inNarrow.includes(narrow.end) && !inWide.includes(wide.end)) return false;
    for (const character of first ? ['/'.charCodeAt(0)] : alphabet) {
      const nextNarrow = read(narrow, inNarrow, character);
      if (nextNarrow.length === 0) continue;
      const nextWide = read(wide, inWide, character);
      const key = `${nextNarrow.join()}:${nextWide.join()}`;
      if (seen.has(key)) continue;
      seen.add(key);
      pending.push([nextNarrow, nextWide, false]);
    }
  }
  return true;
}

function read(automaton: Automaton, states: readonly number[], character: number): readonly number[] {
  const next: number[] = [];
  for (const state of states) {
    const reads = automaton.states[state]?.reads;
    if (reads && has(reads.set, character)) next.push(reads.next);
  }
  return closure(automaton, next);
}

function* setsOf(automaton: Automaton): Generator<CharSet> {
  for (const { reads } of automaton.states) if (reads) yield reads.set;
}
