import { isHandle, type Route } from '@svc/contracts';

/**
 * One routing table of two: in each phase the first table's rules, then the second's; the phases in the order in which
 * they first appear. A rule that the second table repeats from the first in the same phase stays where the second has
 * it, so that merging a table with one that already contains it changes nothing.
 */
export function mergeTables(first: readonly Route[], second: readonly Route[]): Route[] {
  const front = phasesOf(first);
  const back = phasesOf(second);
  const phases = [...new Set([...front.keys(), ...back.keys()])];
  return phases.flatMap(phase => {
    const own = back.get(phase) ?? [];
    const known = new Set(own.map(route => JSON.stringify(route)));
    const added = (front.get(phase) ?? []).filter(route => !known.has(JSON.stringify(route)));
    return [...(phase === '' ? [] : [{ handle: phase }]), ...added, ...own] as Route[];
  });
}

/** The rules by phase; `''` is what stands before any handle. */
function phasesOf(routes: readonly Route[]): Map<string, Route[]> {
  const phases = new Map<string, Route[]>([['', []]]);
  let rules = phases.get('') ?? [];
  for (const route of routes) {
    if (isHandle(route)) {
      rules = phases.get(route.handle) ?? [];
      phases.set(route.handle, rules);
    } else {
      rules.push(route);
    }
  }
  return phases;
}
