/** Milliseconds by which two clocks that show whole ones can differ. */
const ROUNDING = 2;

/**
 * What cannot be explained by the crashes: a request may be answered with 502 when it crashed the function, or when it was on
 * its way at that moment. One that began later must not notice, and one that crashed the function cannot have been answered.
 *
 * @param lost `{ token, began, ended }` of requests that were answered with 502; milliseconds since 1970.
 * @param crashes `{ token, at, gone }`: when the function said so itself, and when its process was found gone.
 */
export function unexplained(lost, crashes) {
  const tokens = new Set(lost.map(({ token }) => token));
  const answered = crashes.filter(({ token }) => !tokens.has(token));
  const without = lost.filter(
    ({ began, ended }) => !crashes.some(({ at, gone }) => began <= gone + ROUNDING && at - ROUNDING <= ended),
  );
  return [
    ...answered.map(({ token }) => `${token} crashed the function, and was not answered with 502`),
    ...without.map(({ token, began, ended }) => {
      const before = crashes.findLast(({ gone }) => gone < began);
      const after = before
        ? `${began - before.gone} ms after ${before.token} had ended`
        : 'before any crash of';
      return `${token} was answered with 502 after ${ended - began} ms, though it began ${after} the function`;
    }),
  ];
}

/**
 * What svc has logged beside the ends of that function and the requests that were lost with it; and what it has not logged
 * although it told a client an id to look for.
 */
export function unexpected(problems, lost) {
  const ids = new Set(lost.map(({ id }) => id));
  const logged = new Set();
  const others = problems.filter(({ service, message }) => {
    const [, id] = /^GET \/crash\/\S+ was answered with 502: .* \(([^()]+)\)$/.exec(message) ?? [];
    if (id !== undefined && ids.has(id)) {
      logged.add(id);
      return false;
    }
    return !(
      service === 'crash' &&
      /^the function \S+: it (?:ended with exit code 1|was ended by SIGKILL)$/.test(message)
    );
  });
  const missing = lost.filter(({ id }) => !logged.has(id));
  return [
    ...others.map(({ service, message }) => `svc logged [${service}] ${message}`),
    ...missing.map(
      ({ token, id }) => `${token} was answered with 502, and the log does not have its id ${id}`,
    ),
  ];
}
