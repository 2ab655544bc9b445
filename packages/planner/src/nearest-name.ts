/**
 * The candidates that a person may have meant, best first, at most three: those that begin alike, and those within a
 * third of their length in edits.
 */
export function nearestNames(wanted: string, candidates: readonly string[]): string[] {
  const word = wanted.toLowerCase();
  return candidates
    .map(candidate => ({ candidate, distance: likeness(word, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.ceil(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `Did you mean "a" or "b"?`, or nothing when nothing is near. */
export function didYouMean(wanted: string, candidates: readonly string[]): string | undefined {
  const names = nearestNames(wanted, candidates).map(name => `"${name}"`);
  return names.length === 0 ? undefined : `Did you mean ${names.join(' or ')}?`;
}

function likeness(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length >= 3 && b.length >= 3 && (a.startsWith(b) || b.startsWith(a))) return 1;
  return editDistance(a, b);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
