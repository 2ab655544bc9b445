interface Entry {
  readonly lastModified: number;
  readonly value: { readonly kind?: string; readonly tags?: readonly string[] };
  readonly tags: readonly string[];
  /** Characters, roughly. */
  readonly size: number;
}

interface Context {
  readonly tags?: readonly string[];
  readonly softTags?: readonly string[];
}

/** Characters of what is kept, over all. */
const MOST = 32 * 1024 * 1024;

/**
 * Gives Next.js the cache for data that the platform gives it (`fetch` with `revalidate`, `unstable_cache`), and hears of
 * the tags that its code declares changed. Next.js looks for it at `@next/cache-handlers`; pages are kept by svc itself.
 *
 * @param announce tells svc, which tells every function. Resolves when they know.
 * @returns takes what others have declared changed.
 */
export function provideDataCache(
  announce: (tags: readonly string[]) => Promise<void>,
  target: object = globalThis,
): (tags: readonly string[]) => void {
  const entries = new Map<string, Entry>();
  const changedAt = new Map<string, number>();
  let total = 0;
  const drop = (key: string) => {
    total -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  };
  const isCurrent = ({ lastModified, tags }: Entry, context: Context) =>
    ![...tags, ...(context.tags ?? []), ...(context.softTags ?? [])].some(
      tag => (changedAt.get(tag) ?? -1) >= lastModified,
    );

  class FetchCache {
    async get(key: string, context: Context = {}) {
      const entry = entries.get(key);
      if (!entry) return null;
      if (isCurrent(entry, context)) return { lastModified: entry.lastModified, value: entry.value };
      drop(key);
      return null;
    }

    async set(key: string, value: Entry['value'] | null, context: Context = {}) {
      drop(key);
      if (value?.kind !== 'FETCH') return;
      const size = JSON.stringify(value).length;
      const tags = [...(value.tags ?? []), ...(context.tags ?? [])];
      entries.set(key, { lastModified: Date.now(), value, tags, size });
      total += size;
      for (const [oldest] of entries) {
        if (total <= MOST) return;
        drop(oldest);
      }
    }

    revalidateTag(tags: string | readonly string[]) {
      return announce(typeof tags === 'string' ? [tags] : tags);
    }

    resetRequestCache() {
      // Nothing is kept by request.
    }
  }
  const handlers = { FetchCache };
  Object.defineProperty(target, Symbol.for('@next/cache-handlers'), { value: handlers, configurable: true });
  return tags => {
    for (const tag of tags) changedAt.set(tag, Date.now());
  };
}
