import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Prerender } from '../deployment/prerender.ts';
import { asString, type JsonRecord } from '../deployment/shape.ts';
import { cookiesOf } from '../http/cookies.ts';

/** What a request wants of a prerendered page. */
export type Way =
  /** The kept answer. */
  | 'kept'
  /** A new answer, which is kept. */
  | 'renewed'
  /** The function's own answer, which is not kept. */
  | 'bypass';

export function wayOf(
  { bypassToken, bypassFor }: Prerender,
  request: {
    readonly method: string;
    readonly headers: IncomingHttpHeaders;
    readonly host: string;
    readonly query: string;
  },
): Way {
  const { method, headers } = request;
  if (method !== 'GET' && method !== 'HEAD') return 'bypass';
  if (bypassToken !== null) {
    if (isSame(headers['x-prerender-revalidate'], bypassToken)) return 'renewed';
    if (isSame(cookiesOf(headers.cookie).get('__prerender_bypass'), bypassToken)) return 'bypass';
  }
  return bypassFor.some(condition => holds(condition, request)) ? 'bypass' : 'kept';
}

function isSame(given: string | readonly string[] | undefined, token: string): boolean {
  const [a, b] = [Buffer.from(String(given ?? '')), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function holds(condition: JsonRecord, { headers, host, query }: Parameters<typeof wayOf>[1]): boolean {
  const key = asString(condition.key) ?? '';
  const pattern = asString(condition.value);
  const value = given();
  if (value === undefined) return false;
  return pattern === undefined || new RegExp(`^(?:${pattern})$`).test(value);

  function given(): string | undefined {
    switch (condition.type) {
      case 'header':
        return headers[key.toLowerCase()] === undefined ? undefined : String(headers[key.toLowerCase()]);
      case 'cookie':
        return cookiesOf(headers.cookie).get(key);
      case 'query':
        return new URLSearchParams(query).get(key) ?? undefined;
      case 'host':
        return host;
      default:
        // Of a kind that is not known, the function has to decide.
        return '';
    }
  }
}
