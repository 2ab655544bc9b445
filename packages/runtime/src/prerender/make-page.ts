import { createHash } from 'node:crypto';
import type { FunctionDecision } from '@svc/router';
import type { DeployedFunction } from '../deployment/function-config.ts';
import type { Prerender } from '../deployment/prerender.ts';
import type { HeaderList } from '../http/header-list.ts';
import { isHopByHop } from '../http/hop-by-hop.ts';
import { readBody } from '../proxy/call.ts';
import { askFunction } from '../server/ask-function.ts';
import { FunctionProblem } from '../server/function-problem.ts';
import type { Site } from '../server/site.ts';
import { type KeptPage, lifeFrom } from './kept-page.ts';

/** What a page is made from: a way to it that some request was led. */
export interface PageOrder {
  readonly key: string;
  readonly prerender: Prerender;
  readonly fn: DeployedFunction;
  readonly decision: Pick<FunctionDecision, 'service' | 'name' | 'target' | 'matchedPath'>;
  /** The allowed query. */
  readonly variation: string;
  /** Beside those that svc itself sets. */
  readonly headers: HeaderList;
}

/** A page and whether it was worth keeping. */
export interface MadePage {
  readonly page: KeptPage;
  readonly isKept: boolean;
}

/** Longer answers are not pages. Bytes. */
const MOST = 32 * 1024 * 1024;

/** Said anew each time that a page is sent; and cookies, for those who wait for one page must not share a session. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'set-cookie',
  'content-length',
  'date',
  'etag',
  'x-vercel-id',
  'x-vercel-cache',
  'age',
  'x-next-cache-tags',
]);
/** For caches like this one. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  'cache-control',
  'cdn-cache-control',
  'vercel-cdn-cache-control',
]);

/**
 * Lets the function make the page and keeps it. What the function cannot answer (500 and above), or says must not be
 * kept (`private`, `no-store`), is not.
 *
 * @throws FunctionProblem when the function does not answer.
 */
export async function makePage(site: Site, order: PageOrder): Promise<MadePage> {
  const { fn, prerender, decision, variation, key } = order;
  const path = decision.target.split('?', 1)[0] ?? '/';
  const query = decision.target.slice(path.length + 1);
  // What the tables found out about the path (Next.js: nxtP…) is not the visitor's query, and says what is to be made.
  const passed = prerender.passQuery || isFromPath(decision.name) ? variation : onlyFromTables(query);
  const target = passed === '' ? path : `${path}?${passed}`;
  const begunAt = site.pages.now();
  const question = { method: 'GET', target, headers: order.headers };
  const made = await askFunction(site, fn, question, async answer => {
    const body = await readBody(answer.body, MOST);
    if (body === null) throw new FunctionProblem(502, `the function ${fn.name} made a page of over 32 MB`);
    return { answer, body };
  });
  const { answer, body } = made;
  const said = new Map(answer.headers.map(([name, value]) => [name.toLowerCase(), value]));
  const life = lifeFrom(said.get('cache-control'));
  const isKept = answer.status < 500 && life.isKept;
  const page: KeptPage = {
    status: answer.status,
    headers: answer.headers.filter(([name]) => {
      const lower = name.toLowerCase();
      return !isHopByHop(lower) && !NOT_SENT.has(lower) && !(isKept && NOT_KEPT.has(lower));
    }),
    body,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
    begunAt,
    madeAt: site.pages.now(),
    isBuilt: false,
    freshFor: life.freshFor ?? prerender.expiration,
    usableFor: prerender.staleExpiration,
    tags: said.get('x-next-cache-tags')?.split(',') ?? [],
  };
  if (isKept) await site.pages.put(key, page);
  return { page, isKept };
}

function isFromPath(name: string): boolean {
  return name.includes('[');
}

function onlyFromTables(query: string): string {
  return query
    .split('&')
    .filter(pair => /^nxt[PI]/.test(pair))
    .join('&');
}
