import type { WatchedVariables } from './last-build.ts';
import { keyedHash } from './places.ts';

type Wanted = Pick<WatchedVariables, 'names' | 'prefixes' | 'except'>;

/**
 * Name and keyed hash of each variable that is set and wanted, sorted by name. `key` is asked for only when there is one:
 * where nobody can keep a key, `undefined`, every value counts as new.
 */
export function seenVariables(
  env: Readonly<Record<string, string | undefined>>,
  wanted: Wanted,
  key: () => Buffer | undefined,
): (readonly [string, string])[] {
  const names = new Set(wanted.names);
  const except = new Set(wanted.except);
  const seen = Object.entries(env).filter(
    (variable): variable is [string, string] =>
      variable[1] !== undefined &&
      !except.has(variable[0]) &&
      (names.has(variable[0]) || wanted.prefixes.some(prefix => variable[0].startsWith(prefix))),
  );
  if (seen.length === 0) return [];
  const known = key();
  return seen
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [
      name,
      known ? keyedHash(known, name, value) : `unknown ${process.hrtime.bigint()}`,
    ]);
}
