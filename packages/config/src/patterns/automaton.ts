import type { CharSet } from '@svc/char-sets';
import type { Regular } from './regular.ts';

/** Thompson's construction: each state either reads one character or moves on without reading. */
export interface Automaton {
  readonly start: number;
  readonly end: number;
  readonly states: readonly State[];
}

export interface State {
  readonly free: number[];
  reads?: { readonly set: CharSet; readonly next: number };
}

/** Counted repetitions are written out; beyond this many states nothing is claimed. */
const STATE_LIMIT = 3000;

export function automatonOf(regular: Regular): Automaton | undefined {
  const states: State[] = [];
  const fresh = () => states.push({ free: [] }) - 1;
  const link = (from: number, to: number) => states[from]?.free.push(to);

  /** Adds the states for `node`, entered at `from`; gives the state that is reached behind it. */
  function add(node: Regular, from: number): number {
    if (states.length > STATE_LIMIT) return from;
    switch (node.kind) {
      case 'characters': {
        const [entry, next] = [fresh(), fresh()];
        link(from, entry);
        const state = states[entry];
        if (state) state.reads = { set: node.set, next };
        return next;
      }
      case 'sequence':
        return node.parts.reduce((at, part) => add(part, at), from);
      case 'choice': {
        const end = fresh();
        for (const part of node.parts) {
          const entry = fresh();
          link(from, entry);
          link(add(part, entry), end);
        }
        return end;
      }
      case 'repeat':
        return repeat(node, from);
    }
  }

  function repeat({ part, min, max }: Extract<Regular, { kind: 'repeat' }>, from: number): number {
    let at = from;
    for (let count = 0; count < min && states.length <= STATE_LIMIT; count += 1) at = add(part, at);
    const end = fresh();
    if (max === Infinity) {
      const loop = fresh();
      link(at, loop);
      link(loop, end);
      link(add(part, loop), loop);
      return end;
    }
    link(at, end);
    for (let count = min; count < max && states.length <= STATE_LIMIT; count += 1) {
      at = add(part, at);
      link(at, end);
    }
    return end;
  }

  const start = fresh();
  const end = add(regular, start);
  return states.length > STATE_LIMIT ? undefined : { start, end, states };
}

/** All states that are reached from these without reading, themselves included; sorted. */
export function closure(automaton: Automaton, from: Iterable<number>): readonly number[] {
  const found = new Set(from);
  for (const state of found) for (const next of automaton.states[state]?.free ?? []) found.add(next);
  return [...found].sort((a, b) => a - b);
}
