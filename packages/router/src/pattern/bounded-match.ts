import { has, WORD } from '@svc/char-sets';
import { never } from '@svc/contracts';
import type { Program } from './program.ts';

/** Start and end of each group; -1 where a group took no part. Slots 0 and 1 are the whole. */
export type Slots = Int32Array;

/** Matching took more steps than a request may cost. */
export class TooManySteps extends Error {}

/** About 20 ms of a slow machine. */
export const STEP_LIMIT = 2_000_000;

/**
 * Matches as a backtracking engine would, with the same preferences, but never tries the same instruction at the same
 * character twice: what failed once fails again, as nothing here refers back to groups. The steps are so at most the
 * program's length times that of the text; look-ahead inside of loops multiplies, and then `STEP_LIMIT` holds.
 */
export function boundedMatch(
  program: Program,
  captures: number,
  text: string,
  anywhere: boolean,
): { readonly slots: Slots | undefined; readonly steps: number } {
  const run = new Run(text, captures);
  for (let start = 0; start <= (anywhere ? text.length : 0); start += 1) {
    const end = run.match(program, start);
    if (end === -1) continue;
    run.slots[0] = start;
    run.slots[1] = end;
    return { slots: run.slots, steps: run.steps };
  }
  return { slots: undefined, steps: run.steps };
}

class Run {
  readonly slots: Slots;
  steps = 0;
  readonly #text: string;
  readonly #tried = new Map<Program, Uint8Array>();

  constructor(text: string, captures: number) {
    this.#text = text;
    this.slots = new Int32Array((captures + 1) * 2).fill(-1);
  }

  /** Where the match that begins at `start` ends; -1 for none. */
  match(program: Program, start: number): number {
    const { slots } = this;
    const text = this.#text;
    const width = text.length + 1;
    const tried = this.#tried.get(program) ?? new Uint8Array(program.length * width);
    this.#tried.set(program, tried);
    // What is still to be tried: instruction and character; or, as a negative instruction, a slot to be put back.
    const pending: number[] = [0, start];
    while (pending.length > 0) {
      let at = pending.pop() ?? 0;
      let next = pending.pop() ?? 0;
      if (next < 0) {
        slots[-next] = at;
        continue;
      }
      for (;;) {
        const instruction = program[next];
        if (!instruction) throw new Error('a program ends in "match"');
        const key = next * width + at;
        if (tried[key] === 1) break;
        tried[key] = 1;
        this.steps += 1;
        if (this.steps > STEP_LIMIT) throw new TooManySteps();
        if (instruction.op === 'match') {
          // Places on the way to a match did not fail.
          this.#tried.delete(program);
          return at;
        }
        if (instruction.op === 'read') {
          if (at >= text.length || !has(instruction.set, text.charCodeAt(at))) break;
          at += 1;
        } else if (instruction.op === 'split') {
          pending.push(instruction.other, at);
        } else if (instruction.op === 'save') {
          pending.push(-instruction.slot, slots[instruction.slot] ?? -1);
          slots[instruction.slot] = at;
        } else if (instruction.op === 'edge') {
          if (!this.#isEdge(instruction.at, at)) break;
        } else if (instruction.op === 'look') {
          if ((this.match(instruction.part, at) !== -1) === instruction.negative) break;
        } else if (instruction.op === 'atomic') {
          const end = this.match(instruction.part, at);
          if (end === -1) break;
          at = end;
        } else if (instruction.op !== 'jump') {
          never(instruction);
        }
        next = instruction.next;
      }
    }
    return -1;
  }

  #isEdge(edge: 'start' | 'end' | 'word' | 'not-word', at: number): boolean {
    switch (edge) {
      case 'start':
        return at === 0;
      case 'end':
        return at === this.#text.length;
      case 'word':
        return this.#isWord(at - 1) !== this.#isWord(at);
      case 'not-word':
        return this.#isWord(at - 1) === this.#isWord(at);
      default:
        return never(edge);
    }
  }

  #isWord(at: number): boolean {
    return at >= 0 && at < this.#text.length && has(WORD, this.#text.charCodeAt(at));
  }
}
