/** One `key=value` of a query, and how it was written. */
export interface Pair {
  readonly key: string;
  readonly value: string;
  readonly raw: string;
}

/** @param query without its question mark; null when there is none. */
export function pairsOf(query: string | null): Pair[] {
  if (query === null || query === '') return [];
  return query
    .split('&')
    .filter(raw => raw !== '')
    .map(raw => {
      const equals = raw.indexOf('=');
      const [key, value] = equals === -1 ? [raw, ''] : [raw.slice(0, equals), raw.slice(equals + 1)];
      return { key: decodedParameter(key), value: decodedParameter(value), raw };
    });
}

export function pair(key: string, value: string): Pair {
  return { key, value, raw: `${encodedComponent(key)}=${encodedComponent(value)}` };
}

/** Half a surrogate pair has no encoding and becomes the replacement character, as everywhere on the web. */
export function encodedComponent(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** What is no valid encoding stays as it is. */
export function decodedComponent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function decodedParameter(text: string): string {
  return decodedComponent(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** Parameters by which Next.js tells its code what a dynamic route matched. A visitor may not set them. */
const FROM_THE_TABLE = /^nxt[PI]/;

/**
 * The query behind a rewrite: what the destination adds, then what the request had, as it was written. Where both have a
 * name, the request's value counts, as with the vendor's router, except for the parameters of dynamic routes.
 */
export function rewrittenQuery(added: string | null, request: string | null): string | null {
  if (added === null || added === '') return request;
  if (request === null || request === '') return added;
  const had = pairsOf(request);
  const names = new Set(had.map(({ key }) => key).filter(key => !FROM_THE_TABLE.test(key)));
  const first = pairsOf(added).filter(({ key }) => !names.has(key));
  const taken = new Set(first.map(({ key }) => key));
  return written([...first, ...had.filter(({ key }) => !taken.has(key))]);
}

/** The query of a redirect: the request's goes along, but what the rule itself writes wins; else it might go in circles. */
export function redirectedQuery(own: string | null, request: string | null): string | null {
  if (own === null || own === '') return request;
  if (request === null || request === '') return own;
  const names = new Set(pairsOf(own).map(({ key }) => key));
  const kept = pairsOf(request).filter(({ key }) => !names.has(key));
  return kept.length === 0 ? own : `${own}&${written(kept)}`;
}

export function written(pairs: readonly Pair[]): string | null {
  return pairs.length === 0 ? null : pairs.map(({ raw }) => raw).join('&');
}

export function withQuery(path: string, query: string | null): string {
  return query === null ? path : `${path}?${query}`;
}

/** An address taken apart: up to its question mark, the query (null without one), and the fragment with its mark. */
export function splitUrl(text: string): {
  readonly path: string;
  readonly query: string | null;
  readonly fragment: string;
} {
  const hash = text.indexOf('#');
  const address = hash === -1 ? text : text.slice(0, hash);
  const mark = address.indexOf('?');
  return {
    path: mark === -1 ? address : address.slice(0, mark),
    query: mark === -1 ? null : address.slice(mark + 1),
    fragment: hash === -1 ? '' : text.slice(hash),
  };
}
