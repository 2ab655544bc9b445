import type { HeaderChange, RouterRequest } from '../decision.ts';
import { headerValues } from '../finish-headers.ts';
import { type Pair, pair, pairsOf, withQuery, written } from '../query.ts';
import { applyEdit, type Edit } from '../table/transforms.ts';
import type { State } from './state.ts';

/** Path and query that the code sees: the last transform's path, else the path so far, and the edited query. */
export function seenTarget(state: State): string {
  const path = state.shownPath ?? state.seenPath;
  const query = state.queryEdits.length === 0 ? state.seenQuery : edited(state.seenQuery, state.queryEdits);
  return withQuery(path, query);
}

/** Pairs that no edit touches stay as they were written, and in their place. */
function edited(query: string | null, edits: readonly Edit[]): string | null {
  const pairs = pairsOf(query);
  const values = new Map<string, readonly string[]>();
  for (const { key, value } of pairs) values.set(key, [...(values.get(key) ?? []), value]);
  const before = new Map(values);
  for (const edit of edits) applyEdit(values, edit, false);

  const result: Pair[] = [];
  for (const each of pairs) {
    const now = values.get(each.key);
    if (now === before.get(each.key)) result.push(each);
    else result.push(...(now ?? []).map(value => pair(each.key, value)));
    if (now !== before.get(each.key)) values.delete(each.key);
  }
  for (const [key, now] of values) {
    if (!before.has(key)) result.push(...now.map(value => pair(key, value)));
  }
  return written(result);
}

/** What becomes of the request's headers on the way to the code. */
export function headerChanges(state: State, headers: RouterRequest['headers']): readonly HeaderChange[] {
  if (state.headerEdits.length === 0) return state.changes;
  const changes = new Map(state.changes);
  const values = new Map<string, readonly string[]>();
  for (const name of new Set([...Object.keys(headers), ...changes.keys()])) {
    const changed = changes.get(name);
    const value = changed === undefined ? joined(headers[name]) : changed;
    if (value !== null && value !== undefined) values.set(name, headerValues(name, value));
  }
  const before = new Map(values);
  for (const edit of state.headerEdits) applyEdit(values, edit, true);
  for (const name of new Set([...before.keys(), ...values.keys()])) {
    const now = values.get(name);
    if (now === before.get(name)) continue;
    changes.set(name, now ? now.join(name === 'cookie' ? '; ' : ', ') : null);
  }
  return [...changes];
}

function joined(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}
