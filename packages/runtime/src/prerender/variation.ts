/**
 * The part of a lookup's query that makes it another answer: the allowed parameters in the order of their names, so that
 * their order in the request makes no difference. Empty when there is none.
 *
 * @param allowed null for all.
 */
export function variationOf(query: string, allowed: readonly string[] | null): string {
  if (query === '' || allowed?.length === 0) return '';
  const parameters = new URLSearchParams(query);
  const kept = new URLSearchParams(
    [...parameters].filter(([name]) => allowed === null || allowed.includes(name)),
  );
  kept.sort();
  return kept.toString();
}
