import { type FunctionDecision, finishHeaders } from '@svc/router';
import type { Prerender } from '../deployment/prerender.ts';
import { asNodeHeaders, withId } from '../http/header-list.ts';
import { isUnmodified } from '../static/conditions.ts';
import { contentTypeOf } from '../static/content-type.ts';
import type { Site } from './site.ts';
import type { Visit } from './visit.ts';

/** Serves what was kept of a function's answer when it was built, with its status and headers of then. */
export async function servePrerendered(
  site: Site,
  visit: Visit,
  prerender: Prerender,
  decision: FunctionDecision,
): Promise<void> {
  const { request, response, origin } = visit;
  if (prerender.fallback === null) throw new Error(`${decision.name} has no fallback`);
  const stored = await site.files.get(prerender.fallback);
  const own = new Map<string, string>([
    ['cache-control', 'public, max-age=0, must-revalidate'],
    ['content-type', contentTypeOf(prerender.fallback)],
    ['etag', stored.etag],
    ['x-vercel-cache', 'PRERENDER'],
  ]);
  for (const [name, value] of Object.entries(prerender.headers)) {
    // What says how long a shared cache may keep it is meant for the platform's.
    if (!/^(?:x-next-cache-tags|cdn-cache-control)$/i.test(name)) own.set(name.toLowerCase(), value);
  }
  const status = decision.status ?? prerender.status;
  const isKnown = status === 200 && isUnmodified(request.headers['if-none-match'], stored.etag);
  if (!isKnown) own.set('content-length', String(stored.size));
  const headers = withId(finishHeaders(decision.response, [...own]), origin.id);
  response.writeHead(isKnown ? 304 : status, asNodeHeaders(headers));
  if (isKnown || request.method === 'HEAD') {
    response.end();
    return;
  }
  const content = stored.content ?? (await site.files.read(stored.file));
  response.end(content);
  visit.bytes = content.length;
}
