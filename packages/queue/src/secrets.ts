/** Shorter values are too likely to be ordinary words (`true`, `3000`, `production`), and hiding those hides the log. */
const SHORTEST_SECRET = 8;

/** Replaces the values of admitted variables in a line of output, so that no log holds a secret. */
export function maskSecrets(variables: Readonly<Record<string, string>>): (line: string) => string {
  const values = Object.entries(variables)
    .flatMap(([name, value]) => value.split('\n').map(part => ({ name, part: part.trim() })))
    .filter(({ part }) => part.length >= SHORTEST_SECRET)
    .sort((a, b) => b.part.length - a.part.length);
  if (values.length === 0) return line => line;
  return line => values.reduce((masked, { name, part }) => masked.replaceAll(part, `[${name}]`), line);
}
