/**
 * The candidate that `word` most likely means, or undefined when none is near enough to be a slip. `limit` is the number
 * of wrong characters beyond which nothing is suggested.
 */
export function nearest(word: string, candidates: Iterable<string>, limit = 3): string | undefined {
  const wanted = plain(word);
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance <= Math.min(limit, allowance(wanted, candidate)) && (!best || distance < best.distance)) {
      best = { candidate, distance };
    }
  }
  return best?.candidate;
}

/** Case, hyphens and underscores are what people get wrong first: they cost nothing. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '');
}

function allowance(word: string, candidate: string): number {
  const length = Math.max(word.length, candidate.length);
  if (length <= 3) return length <= 2 ? 0 : 1;
  return length <= 5 ? 1 : Math.floor(length / 3);
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(
        (rows[i - 1]?.[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (rows[i - 1]?.[j - 1] ?? 0) + same,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
