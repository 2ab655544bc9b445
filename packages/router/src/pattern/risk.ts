import { type CharSet, intersects } from '@svc/char-sets';
import { never } from '@svc/contracts';
import type { Syntax } from './syntax.ts';

/** How long a backtracking matcher may take. */
export interface Risk {
  /** It may double with each further character, as with `(a+)+`. */
  readonly exponential: boolean;
  /** Else it grows at most with this power of the length. */
  readonly degree: number;
  /** How many times that, for choices outside of loops. */
  readonly factor: number;
}

/** A place in the expression that reads one character, and the loops around it, outermost first. */
interface Place {
  readonly set: CharSet;
  readonly loops: readonly number[];
  readonly next: Set<Place>;
}

interface Span {
  readonly first: readonly Place[];
  readonly last: readonly Place[];
  readonly empty: boolean;
}

const EMPTY: Span = { first: [], last: [], empty: true };
/** Repetitions up to this count cost a constant factor; beyond it they count as loops. */
const SMALL = 4;
const MOST_CHOICES = 6;

/**
 * Judges an expression by where it leaves a choice (Glushkov's positions): two different places that the same character
 * may lead to. Without any, a matcher never goes back far. A choice between staying in a loop and leaving it costs a
 * power of the length. A choice inside of a loop may be made anew in each round, and that may double: such an expression
 * is called exponential although some are harmless. It errs on the safe side only.
 */
export function riskOf(syntax: Syntax): Risk {
  const analysis = new Analysis();
  analysis.read(syntax, []);
  return analysis.verdict();
}

class Analysis {
  #places: Place[] = [];
  #loops = 0;
  #exponential = false;
  /** The highest degree of a look-around where it stands. */
  #looks = 0;

  read(syntax: Syntax, loops: readonly number[]): Span {
    switch (syntax.kind) {
      case 'set': {
        const place: Place = { set: syntax.set, loops, next: new Set() };
        this.#places.push(place);
        return { first: [place], last: [place], empty: false };
      }
      case 'edge':
        return EMPTY;
      case 'look': {
        const inner = riskOf(syntax.part);
        // Asked again at every character of a loop, even a simple condition costs the length each time.
        if (inner.exponential || (loops.length > 0 && inner.degree > 0)) this.#exponential = true;
        // Each loop before it may be left anywhere to ask it.
        if (inner.degree > 0) this.#looks = Math.max(this.#looks, this.#loops + inner.degree);
        return EMPTY;
      }
      case 'capture':
      case 'atomic':
        return this.read(syntax.part, loops);
      case 'sequence':
        return syntax.parts.map(part => this.read(part, loops)).reduce(inSequence, EMPTY);
      case 'choice': {
        const spans = syntax.parts.map(part => this.read(part, loops));
        return {
          first: spans.flatMap(span => span.first),
          last: spans.flatMap(span => span.last),
          empty: spans.some(span => span.empty),
        };
      }
      case 'repeat':
        return this.#repeat(syntax, loops);
      default:
        return never(syntax);
    }
  }

  #repeat(syntax: Extract<Syntax, { kind: 'repeat' }>, loops: readonly number[]): Span {
    if (syntax.max <= SMALL && !(syntax.max > 1 && loops.length > 0)) {
      let span = EMPTY;
      for (let round = 0; round < syntax.max; round += 1) {
        const part = this.read(syntax.part, loops);
        span = inSequence(span, { ...part, empty: part.empty || round >= syntax.min });
      }
      return span;
    }
    const loop = this.#loops;
    this.#loops += 1;
    const span = this.read(syntax.part, [...loops, loop]);
    // Any of the rounds may be those that read nothing.
    if (span.empty) this.#exponential = true;
    for (const end of span.last) {
      for (const start of span.first) {
        // An inner loop leads there already: in `(a+)+` the next round may be of the one or of the other.
        if (end.next.has(start)) this.#exponential = true;
        end.next.add(start);
      }
    }
    return { ...span, empty: span.empty || syntax.min === 0 };
  }

  verdict(): Risk {
    const conflicting = new Set<number>();
    let choices = 0;
    for (const place of this.#places) {
      const next = [...place.next];
      next.forEach((one, index) => {
        for (const other of next.slice(index + 1)) {
          if (!intersects(one.set, other.set)) continue;
          const shared = place.loops.filter(loop => one.loops.includes(loop) && other.loops.includes(loop));
          if (shared.length > 0) this.#exponential = true;
          for (const loop of place.loops) conflicting.add(loop);
          if (place.loops.length === 0) choices += 1;
        }
      });
    }
    // Each choice doubles the ways, as in `a?a?a?a?aaaa`: harmless in small numbers.
    if (choices > MOST_CHOICES) this.#exponential = true;
    const harmless = this.#loops - conflicting.size;
    // A loop that is left at any of its characters may be followed by another that is read to its end each time.
    const degree = Math.max(conflicting.size + (harmless > 0 ? 1 : 0), this.#looks);
    return { exponential: this.#exponential, degree, factor: 2 ** choices };
  }
}

function inSequence(before: Span, after: Span): Span {
  for (const end of before.last) for (const start of after.first) end.next.add(start);
  return {
    first: before.empty ? [...before.first, ...after.first] : before.first,
    last: after.empty ? [...before.last, ...after.last] : after.last,
    empty: before.empty && after.empty,
  };
}

/** A search that may begin anywhere tries at every character what an anchored one tries once. */
export function searchRiskOf(syntax: Syntax): Risk {
  const risk = riskOf(syntax);
  return { ...risk, degree: risk.degree + 1 };
}

/** More ways than this through a text are not left to the engine of JavaScript. */
const MOST_WAYS = 200_000;

/** The longest text that has at most `MOST_WAYS` ways: n to the power of d, by d factorial. -1 when there is none. */
export function longestFor({ exponential, degree, factor }: Risk): number {
  if (exponential) return -1;
  if (degree <= 1) return Infinity;
  let factorial = 1;
  for (let each = 2; each <= degree; each += 1) factorial *= each;
  return Math.floor(((MOST_WAYS * factorial) / factor) ** (1 / degree));
}
