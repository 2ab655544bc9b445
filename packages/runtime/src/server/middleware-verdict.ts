import type { HeaderChange, MiddlewareOutcome } from '@svc/router';
import type { HeaderList } from '../http/header-list.ts';
import { isHopByHop } from '../http/hop-by-hop.ts';

export type Verdict =
  | { readonly type: 'goes-on'; readonly outcome: MiddlewareOutcome }
  /** What it answered is the answer: a redirect, a page, an error. */
  | { readonly type: 'answers' };

/** About the middleware's own body, which nobody gets to see. */
const ABOUT_BODY: ReadonlySet<string> = new Set([
  'content-length',
  'content-encoding',
  'content-type',
  'date',
]);

/**
 * What the headers of a middleware's answer ask for: `x-middleware-next`, `x-middleware-rewrite`,
 * `x-middleware-override-headers` with `x-middleware-request-NAME`, and headers for the final response.
 *
 * @param seen the visitor's host, by which an absolute rewrite is known to stay here, and the names of the headers
 * that the middleware got: those that it does not list when it overrides are removed.
 */
export function readVerdict(
  { headers }: { readonly headers: HeaderList },
  seen: { readonly host: string; readonly headers: readonly string[] },
): Verdict {
  const said = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const rewrite = said.get('x-middleware-rewrite');
  if (rewrite === undefined && said.get('x-middleware-next') === undefined) return { type: 'answers' };
  const outcome: MiddlewareOutcome = {
    requestHeaders: requestChanges(said, seen.headers),
    responseHeaders: headers.filter(([name]) => {
      const key = name.toLowerCase();
      return !key.startsWith('x-middleware-') && !isHopByHop(key) && !ABOUT_BODY.has(key);
    }),
    ...(rewrite === undefined ? {} : { rewrite: onThisHost(rewrite, seen.host) }),
  };
  return { type: 'goes-on', outcome };
}

function requestChanges(said: ReadonlyMap<string, string>, names: readonly string[]): HeaderChange[] {
  const changes = new Map<string, string | null>();
  const listed = said.get('x-middleware-override-headers');
  if (listed !== undefined) {
    const kept = new Set(listed.split(',').map(name => name.trim().toLowerCase()));
    for (const name of names) if (!kept.has(name) && !isOurs(name)) changes.set(name, null);
    for (const name of kept) {
      const value = said.get(`x-middleware-request-${name}`);
      if (value !== undefined && !isOurs(name)) changes.set(name, value);
    }
  }
  // Next.js reads there which cookies its middleware has set, so that the page sees them at once.
  const cookies = said.get('x-middleware-set-cookie');
  if (cookies !== undefined) changes.set('x-middleware-set-cookie', cookies);
  return [...changes];
}

/** Framing and identity of the request are not for middleware to change. */
function isOurs(name: string): boolean {
  return isHopByHop(name) || name === 'content-length' || name === 'host' || name === 'x-vercel-id';
}

/** Frameworks write the visitor's own address in front of paths. */
function onThisHost(rewrite: string, host: string): string {
  if (!/^https?:\/\//i.test(rewrite)) return rewrite;
  const { host: named, pathname, search } = new URL(rewrite);
  return named === host.toLowerCase() ? pathname + search : rewrite;
}
