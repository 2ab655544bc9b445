/**
 * Gives functions `waitUntil`, where the platform's libraries look for it: work that goes on after the response. The
 * returned set holds what is not done yet.
 */
export function provideRequestContext(): ReadonlySet<Promise<unknown>> {
  const pending = new Set<Promise<unknown>>();
  const waitUntil = (work: unknown) => {
    const promise: Promise<unknown> = Promise.resolve(work)
      .catch((error: unknown) => console.error(error))
      .finally(() => pending.delete(promise));
    pending.add(promise);
  };
  const holder = { get: () => ({ waitUntil }) };
  for (const name of ['@vercel/request-context', '@next/request-context']) {
    Object.defineProperty(globalThis, Symbol.for(name), { value: holder, configurable: true });
  }
  return pending;
}
