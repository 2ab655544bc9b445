import { type FunctionDecision, finishHeaders } from '@svc/router';
import { asNodeHeaders, withId } from '../http/header-list.ts';
import type { KeptPage } from '../prerender/kept-page.ts';
import { isUnmodified } from '../static/conditions.ts';
import type { CacheState } from './prerendered.ts';
import type { Visit } from './visit.ts';

/** Visitors' browsers ask again each time; how long svc keeps it is no business of theirs. */
export const FOR_VISITORS = 'public, max-age=0, must-revalidate';

/** Sends a kept page as it is. */
export function sendPage(
  visit: Visit,
  decision: FunctionDecision,
  page: KeptPage,
  { state, now }: { readonly state: CacheState; readonly now: number },
): void {
  const { request, response, origin } = visit;
  const own = pageHeaders(page, state, now);
  own.push(['etag', page.etag]);
  const status = decision.status ?? page.status;
  const isKnown = status === 200 && isUnmodified(request.headers['if-none-match'], page.etag);
  const hasBody = !isKnown && status !== 204 && status !== 304;
  if (hasBody) own.push(['content-length', String(page.body.length)]);
  const headers = withId(finishHeaders(decision.response, own), origin.id);
  response.writeHead(isKnown ? 304 : status, asNodeHeaders(headers));
  if (!hasBody || request.method === 'HEAD') {
    response.end();
    return;
  }
  response.end(page.body);
  visit.bytes = page.body.length;
}

/** What is sent with a page, in lower case. */
export function pageHeaders(
  { headers, madeAt, isBuilt }: KeptPage,
  state: CacheState,
  now: number,
): [string, string][] {
  const own = headers.map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  if (!own.some(([name]) => name === 'cache-control')) own.push(['cache-control', FOR_VISITORS]);
  if (!isBuilt && (state === 'HIT' || state === 'STALE')) {
    own.push(['age', String(Math.max(0, Math.floor((now - madeAt) / 1000)))]);
  }
  own.push(['x-vercel-cache', state]);
  return own;
}
