import type { HeaderList } from '../http/header-list.ts';

/** An answer that is kept, to be served to everybody who asks the same. */
export interface KeptPage {
  readonly status: number;
  /** Without those that are about one connection or one visitor. */
  readonly headers: HeaderList;
  readonly body: Buffer;
  readonly etag: string;
  /** When making it began: what has changed since may not be in it. Milliseconds since 1970. */
  readonly begunAt: number;
  /** When it was there. Milliseconds since 1970. */
  readonly madeAt: number;
  /** Made when the deployment was built. */
  readonly isBuilt: boolean;
  /** Seconds until it is to be made anew; null for never. */
  readonly freshFor: number | null;
  /** Seconds until it is too old to be served at all; null for never. */
  readonly usableFor: number | null;
  /** What it was made from, by the names that the framework uses when such a thing changes. */
  readonly tags: readonly string[];
}

export type Freshness = 'fresh' | 'stale' | 'expired';

/** @param now milliseconds since 1970. */
export function freshnessOf({ madeAt, freshFor, usableFor }: KeptPage, now: number): Freshness {
  const age = (now - madeAt) / 1000;
  if (usableFor !== null && age >= usableFor) return 'expired';
  return freshFor !== null && age >= freshFor ? 'stale' : 'fresh';
}

/** What may be kept of an answer's life is said in its own `cache-control`; `s-maxage` is meant for caches like this one. */
export function lifeFrom(cacheControl: string | undefined): {
  readonly isKept: boolean;
  /** Seconds; undefined when the answer does not say. */
  readonly freshFor: number | undefined;
} {
  const text = cacheControl ?? '';
  const seconds = /(?:^|[,\s])s-maxage=(\d+)/i.exec(text)?.[1];
  return {
    isKept: !/(?:^|[,\s])(?:no-store|private)(?:$|[,\s=])/i.test(text),
    freshFor: seconds === undefined ? undefined : Number(seconds),
  };
}
