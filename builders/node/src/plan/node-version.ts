const SUPPORTED: readonly number[] = [20, 22, 24];
/** The version in use when `engines.node` leaves the choice. */
export const DEFAULT_NODE_MAJOR = 22;

/**
 * Major version of Node for a function: 22 unless `engines.node` excludes it, then the highest of 20, 22 and 24 that the
 * range admits. `undefined` when it admits none of them.
 */
export function nodeMajor(range: string | undefined): number | undefined {
  if (range === undefined || range.trim() === '') return DEFAULT_NODE_MAJOR;
  const admitted = SUPPORTED.filter(major => range.split('||').some(part => admits(part, major)));
  return admitted.includes(DEFAULT_NODE_MAJOR) ? DEFAULT_NODE_MAJOR : admitted.at(-1);
}

/** Whether one set of comparators admits any release of a major version. */
function admits(set: string, major: number): boolean {
  const hyphen = /^\s*v?(\d+)\S*\s+-\s+v?(\d+)\S*\s*$/.exec(set);
  if (hyphen) return major >= Number(hyphen[1]) && major <= Number(hyphen[2]);
  const comparators = set.match(/(?:[<>]=?|[~^=])?\s*v?[\dxX*][\w.*+-]*/g) ?? [];
  return comparators.every(comparator => admitsComparator(comparator, major));
}

function admitsComparator(comparator: string, major: number): boolean {
  const parts = /^([<>]=?|[~^=])?\s*v?([\dxX*]+)(?:\.([\dxX*]+))?(?:\.([\dxX*]+))?/.exec(comparator);
  const wanted = Number(parts?.[2]);
  if (!parts || Number.isNaN(wanted)) return true;
  const isWholeMajor = parts[3] === undefined || /[xX*]/.test(parts[3]);
  const isFirstRelease = !isWholeMajor && Number(parts[3]) === 0 && Number(parts[4] ?? 0) === 0;
  switch (parts[1]) {
    case '>=':
      return major >= wanted;
    case '>':
      return isWholeMajor ? major > wanted : major >= wanted;
    case '<':
      return isWholeMajor || isFirstRelease ? major < wanted : major <= wanted;
    case '<=':
      return major <= wanted;
    default:
      return major === wanted;
  }
}
