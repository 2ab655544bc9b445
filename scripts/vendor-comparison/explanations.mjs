/** Why svc's output differs from the vendor's. The first entry that names the difference, and the service if it names any, counts. */
const EXPLANATIONS = [];

const used = new Set();

/** The reason for a difference, or undefined where there is none yet. */
export function explain({ title }, name) {
  const found = EXPLANATIONS.find(
    each => (!each.services || each.services.includes(title)) && each.difference.test(name),
  );
  if (found) used.add(found);
  return found?.because;
}

export function unusedExplanations() {
  return EXPLANATIONS.filter(each => !used.has(each)).map(
    ({ difference, services }) => `${services ?? '*'} ${difference}`,
  );
}
