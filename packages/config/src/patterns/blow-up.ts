import { intersects } from '@svc/char-sets';
import { type Automaton, automatonOf } from './automaton.ts';
import { parseRegular } from './regular.ts';

/** How many pairs of states are looked at for each state; patterns that need more are not judged. */
const EFFORT = 50_000;

/**
 * Whether matching can take time that doubles with each further character, as with `(a+)+`: there is a state to which
 * the same text leads back in two different ways, so a backtracking matcher tries every combination. (Exponential
 * ambiguity of the automaton; polynomial slowness is not reported.)
 */
export function blowsUp(source: string): boolean {
  const regular = parseRegular(source);
  const automaton = regular && automatonOf(regular);
  if (!automaton) return false;
  const steps = stepsOf(automaton);
  let effort = 0;
  for (const start of steps.keys()) {
    const seen = new Set<string>();
    const pending: [number, number, boolean][] = [[start, start, false]];
    for (let pair = pending.pop(); pair; pair = pending.pop()) {
      effort += 1;
      if (effort > EFFORT) return false;
      const [left, right, parted] = pair;
      for (const [nextLeft, nextRight, parts] of pairsAfter(automaton, steps, left, right)) {
        const apart = parted || parts;
        if (apart && nextLeft === start && nextRight === start) return true;
        const key = `${nextLeft},${nextRight},${apart}`;
        if (seen.has(key)) continue;
        seen.add(key);
        pending.push([nextLeft, nextRight, apart]);
      }
    }
  }
  return false;
}

/** For each reading state, the reading states that may come next, and in how many ways each (2 stands for more). */
function stepsOf(automaton: Automaton): Map<number, Map<number, number>> {
  const steps = new Map<number, Map<number, number>>();
  automaton.states.forEach(({ reads }, state) => {
    if (!reads) return;
    const ways = new Map<number, number>();
    countWays(automaton, reads.next, new Map(), ways);
    steps.set(state, ways);
  });
  return steps;
}

/**
 * A state may be passed twice on one way: in `(a*)*` the second pass through the inner loop, by the outer one, is the
 * other way to read the same.
 */
function countWays(
  automaton: Automaton,
  state: number,
  passes: Map<number, number>,
  ways: Map<number, number>,
): void {
  const { reads, free } = automaton.states[state] ?? { free: [] };
  if (reads) {
    ways.set(state, Math.min(2, (ways.get(state) ?? 0) + 1));
    return;
  }
  const passed = passes.get(state) ?? 0;
  if (passed === 2) return;
  passes.set(state, passed + 1);
  for (const next of free) countWays(automaton, next, passes, ways);
  passes.set(state, passed);
}

function* pairsAfter(
  automaton: Automaton,
  steps: Map<number, Map<number, number>>,
  left: number,
  right: number,
): Generator<readonly [number, number, boolean]> {
  const leftSet = automaton.states[left]?.reads?.set;
  const rightSet = automaton.states[right]?.reads?.set;
  if (!leftSet || !rightSet || !intersects(leftSet, rightSet)) return;
  for (const [nextLeft, waysLeft] of steps.get(left) ?? []) {
    for (const [nextRight, waysRight] of steps.get(right) ?? []) {
      const parts = nextLeft !== nextRight || waysLeft > 1 || waysRight > 1;
      yield [nextLeft, nextRight, parts];
    }
  }
}
