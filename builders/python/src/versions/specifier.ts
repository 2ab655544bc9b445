/** A release: `[3, 11, 7]`. */
export type Release = readonly number[];

export function parseRelease(text: string): Release | undefined {
  const digits = /^\s*v?(\d+(?:\.\d+)*)/.exec(text)?.[1];
  return digits?.split('.').map(Number);
}

/**
 * Whether a release of Python satisfies a version specifier of PEP 440, such as `>=3.11,<3.14`, `==3.12.*` or `~=3.11`.
 * Interpreters have no epochs and svc takes no pre-releases, so only numbers count. `undefined` when the specifier can't
 * be read.
 */
export function satisfies(release: Release, specifier: string): boolean | undefined {
  const clauses = specifier
    .split(',')
    .map(clause => clause.trim())
    .filter(clause => clause !== '');
  const answers = clauses.map(clause => satisfiesClause(release, clause));
  return answers.includes(undefined) ? undefined : answers.every(answer => answer === true);
}

function satisfiesClause(release: Release, clause: string): boolean | undefined {
  const parts = /^(===|==|~=|!=|<=|>=|<|>)\s*v?(\d+(?:\.\d+)*)(\.\*)?/.exec(clause);
  const wanted = parts?.[2]?.split('.').map(Number);
  if (!wanted) return undefined;
  const isPrefix = parts?.[3] !== undefined;
  switch (parts?.[1]) {
    case '==':
    case '===':
      return isPrefix ? startsWith(release, wanted) : compare(release, wanted) === 0;
    case '!=':
      return isPrefix ? !startsWith(release, wanted) : compare(release, wanted) !== 0;
    case '~=':
      return compare(release, wanted) >= 0 && startsWith(release, wanted.slice(0, -1));
    case '>=':
      return compare(release, wanted) >= 0;
    case '<=':
      return compare(release, wanted) <= 0;
    case '>':
      return compare(release, wanted) > 0;
    default:
      return compare(release, wanted) < 0;
  }
}

function startsWith(release: Release, prefix: Release): boolean {
  return prefix.every((number, index) => release[index] === number);
}

function compare(a: Release, b: Release): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The specifier for a line of `.python-version` or a Pipfile: `3.12` means any 3.12, `3.12.4` that release. `undefined` for
 * what names no CPython version, such as `pypy3.10` or the name of a virtual environment.
 */
export function specifierOfVersion(text: string): string | undefined {
  const version = /^(?:cpython[-@]?|python-?)?(\d+(?:\.\d+){0,2})$/.exec(text.trim())?.[1];
  if (version === undefined) return undefined;
  return version.split('.').length === 3 ? `==${version}` : `==${version}.*`;
}
