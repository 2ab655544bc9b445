import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Gives functions `waitUntil`, where the platform's libraries look for it: work that goes on after the response. */
export function provideRequestContext(): {
  /** Work that is not done yet. */
  readonly pending: ReadonlySet<Promise<unknown>>;
  waitUntil(work: unknown): void;
} {
  const pending = new Set<Promise<unknown>>();
  const waitUntil = (work: unknown) => {
    const promise: Promise<unknown> = Promise.resolve(work)
      .catch((error: unknown) => console.error(error))
      .finally(() => pending.delete(promise));
    pending.add(promise);
  };
  const context = { waitUntil };
  const storage = new AsyncLocalStorage<object>();
  provide('@vercel/request-context', { get: () => context });
  // The launchers of Next.js bring a context for each request, and keep it in the storage that they find here.
  provide('@next/request-context', {
    get: () => storage.getStore() ?? context,
    [Symbol.for('internal.storage')]: storage,
  });
  return { pending, waitUntil };
}

function provide(name: string, value: object): void {
  Object.defineProperty(globalThis, Symbol.for(name), { value, configurable: true });
}
