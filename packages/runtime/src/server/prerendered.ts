import { dirname } from 'node:path';
import type { FunctionDecision } from '@svc/router';
import type { Prerender } from '../deployment/prerender.ts';
import type { Tree } from '../deployment/read.ts';
import { requestHeaderList } from '../http/request-headers.ts';
import { freshnessOf, type KeptPage } from '../prerender/kept-page.ts';
import { type MadePage, makePage, type PageOrder } from '../prerender/make-page.ts';
import { variationOf } from '../prerender/variation.ts';
import type { Way } from '../prerender/way.ts';
import { contentTypeOf } from '../static/content-type.ts';
import { answerWithProblem } from './answer.ts';
import { FunctionProblem } from './function-problem.ts';
import { headersForNext } from './headers-for-next.ts';
import { isPartial, sendPartialPage } from './partial-page.ts';
import { sendPage } from './send-page.ts';
import type { Site } from './site.ts';
import type { Visit } from './visit.ts';

/** How an answer came about, as `x-vercel-cache` tells. */
export type CacheState = 'PRERENDER' | 'HIT' | 'STALE' | 'MISS' | 'REVALIDATED';

/** Serves what is kept of a function's answers, and sees to it that it is made anew in time. */
export async function servePrerendered(
  site: Site,
  visit: Visit,
  prerender: Prerender,
  decision: FunctionDecision,
  way: Exclude<Way, 'bypass'>,
): Promise<void> {
  const tree = site.tree(decision.service);
  const variation = variationOf(decision.matchedQuery, prerender.allowQuery);
  const key = keyOf(decision, variation);
  const found = await keptPage(site, prerender, decision, { key, variation });
  const kept = found && site.pages.isCurrent(found, decision.service) ? found : undefined;
  const isOnDemand = way === 'renewed' || (found !== undefined && !kept);
  const order = orderOf(visit, tree, prerender, decision, { key, variation, way, isOnDemand });
  const send = (page: KeptPage, state: CacheState) =>
    isPartial(page) && prerender.chain
      ? sendPartialPage(site, visit, decision, prerender.chain, page, state)
      : sendPage(visit, decision, page, { state, now: site.pages.now() });

  if (way === 'kept' && kept) {
    const freshness = freshnessOf(kept, site.pages.now());
    if (freshness === 'fresh') return send(kept, kept.isBuilt ? 'PRERENDER' : 'HIT');
    if (freshness === 'stale') {
      if (order) renewInBackground(site, order);
      return send(kept, isShell(decision, kept) ? 'PRERENDER' : 'STALE');
    }
  }
  if (!order) {
    // Only what was kept of it is in the deployment, so that has to do.
    if (kept) return send(kept, kept.isBuilt ? 'PRERENDER' : 'HIT');
    const problem = `the deployment has no function ${decision.name}, only what was kept of it`;
    return answerWithProblem(site, visit, { status: 501, rules: decision.response, problem });
  }
  try {
    const { page, isKept } = await renew(site, order, isOnDemand);
    if (!isKept && kept && way === 'kept') return send(kept, 'STALE');
    return send(page, way === 'renewed' && isKept ? 'REVALIDATED' : 'MISS');
  } catch (error) {
    if (!(error instanceof FunctionProblem)) throw error;
    if (kept && way === 'kept') return send(kept, 'STALE');
    const { status, message: problem } = error;
    return answerWithProblem(site, visit, { status, rules: decision.response, problem });
  }
}

function keyOf({ service, name }: Pick<FunctionDecision, 'service' | 'name'>, variation: string): string {
  return `${service ?? ''}\0${name}\0${variation}`;
}

/** What would make the page; undefined when its function is not in the deployment. */
function orderOf(
  { request, origin }: Visit,
  tree: Tree,
  prerender: Prerender,
  decision: FunctionDecision,
  {
    key,
    variation,
    way,
    isOnDemand,
  }: {
    readonly key: string;
    readonly variation: string;
    readonly way: Way;
    readonly isOnDemand: boolean;
  },
): PageOrder | undefined {
  const fn = tree.outputs.functions.get(decision.name);
  if (!fn) return undefined;
  const allowed = new Set(['host', ...(prerender.allowHeader ?? [])]);
  // How a page is to be made anew is for the bearer of the token to say; the token itself is sent below.
  if (way !== 'renewed') allowed.delete('x-prerender-revalidate-if-generated');
  allowed.delete('x-prerender-revalidate');
  // One visitor's page is everybody's, so it is made from nothing that is that visitor's own.
  const headers = requestHeaderList(request, origin, decision.requestHeaders).filter(([name]) => {
    const lower = name.toLowerCase();
    return allowed.has(lower) || lower.startsWith('x-forwarded-') || lower === 'x-vercel-id';
  });
  const more = tree.framework === 'nextjs' ? [...headersForNext(decision)] : [];
  // Next.js renders a page whose data it has kept from that data, unless it is told that this is for a change.
  if (isOnDemand && prerender.bypassToken !== null) {
    more.push(['x-prerender-revalidate', prerender.bypassToken]);
  }
  return { key, prerender, fn, decision, variation, headers: [...headers, ...more] };
}

/** Of the store, or of the build; current or not. */
async function keptPage(
  site: Site,
  prerender: Prerender,
  decision: FunctionDecision,
  { key, variation }: { readonly key: string; readonly variation: string },
): Promise<KeptPage | undefined> {
  const stored = await site.pages.get(key);
  if (stored || prerender.fallback === null) return stored;
  // What was built is the page without parameters; of a page with parameters in its path, a shell for all of them.
  if (variation !== '' && !decision.name.includes('[')) return undefined;
  const { etag, content, file } = await site.files.get(prerender.fallback);
  return {
    status: prerender.status,
    headers: builtHeaders(prerender, prerender.fallback),
    body: content ?? (await site.files.read(file)),
    etag,
    begunAt: site.pages.since,
    madeAt: site.pages.since,
    isBuilt: true,
    // A shell is replaced by the page as soon as there is one.
    freshFor: variation === '' ? prerender.expiration : 0,
    usableFor: variation === '' ? prerender.staleExpiration : null,
    tags: tagsOf(prerender),
  };
}

function builtHeaders({ headers }: Prerender, fallback: string): readonly (readonly [string, string])[] {
  const own = new Map([['content-type', contentTypeOf(fallback)]]);
  for (const [name, value] of Object.entries(headers)) {
    // What says how long a shared cache may keep it is meant for this one.
    if (!/^(?:x-next-cache-tags|(?:vercel-)?cdn-cache-control)$/i.test(name))
      own.set(name.toLowerCase(), value);
  }
  return [...own];
}

function tagsOf({ headers }: Prerender): readonly string[] {
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-next-cache-tags');
  return entry?.[1].split(',') ?? [];
}

function isShell({ name }: FunctionDecision, page: KeptPage): boolean {
  return page.isBuilt && page.freshFor === 0 && name.includes('[');
}

function renew(site: Site, order: PageOrder, isOnDemand: boolean): Promise<MadePage> {
  const make = async () => {
    const made = await makePage(site, order);
    renewGroup(site, order);
    return made;
  };
  return isOnDemand ? site.pages.anew(order.key, make) : site.pages.once(order.key, make);
}

function renewInBackground(site: Site, order: PageOrder): void {
  if (site.pages.isMaking(order.key) || site.pages.rests(order.key)) return;
  const failed = (problem: string) => {
    site.pages.failed(order.key);
    const { service, name } = order.decision;
    site.emit({ type: 'problem', service, message: `${name} was not made anew: ${problem}` });
  };
  renew(site, order, false).then(
    ({ page, isKept }) => {
      if (!isKept) failed(`its function answered with ${page.status}, which is not kept`);
    },
    error => failed(error instanceof Error ? error.message : String(error)),
  );
}

/** The pages that belong together (a page and its data) are made anew together, or they would contradict each other. */
function renewGroup(site: Site, order: PageOrder): void {
  const { group } = order.prerender;
  const { service, name } = order.decision;
  if (group === null) return;
  const { outputs } = site.tree(service);
  for (const [other, prerender] of outputs.prerenders) {
    const fn = outputs.functions.get(other);
    if (prerender.group !== group || other === name || !fn) continue;
    const member = memberOf(order, other, prerender, fn);
    if (!member || site.pages.isMaking(member.key) || site.pages.rests(member.key)) continue;
    site.pages
      .once(member.key, () => makePage(site, member))
      .catch(error => {
        site.pages.failed(member.key);
        site.emit({ type: 'problem', service, message: `${other} was not made anew: ${error.message}` });
      });
  }
}

/** Another page of the group: at the path that its name says, where the same parameters are filled in. */
function memberOf(
  order: PageOrder,
  name: string,
  prerender: Prerender,
  fn: PageOrder['fn'],
): PageOrder | undefined {
  const variation = variationOf(order.variation, prerender.allowQuery);
  const parameters = new URLSearchParams(order.variation);
  const path = `/${name}`.replace(/\[\[?(?:\.\.\.)?([^\]]+)\]\]?/g, (hole, parameter: string) => {
    const values = parameters.getAll(`nxtP${parameter}`);
    return values.length === 0 ? hole : values.map(encodeURIComponent).join('/');
  });
  if (path.includes('[')) return undefined;
  const { service } = order.decision;
  const target = path === '/index' ? '/' : path;
  const matchedPath = dirname(`/${name}`) === '/' && name === 'index' ? '/' : `/${name}`;
  return {
    key: keyOf({ service, name }, variation),
    prerender,
    fn,
    decision: { service, name, target, matchedPath },
    variation,
    headers: order.headers.map(([key, value]) =>
      key === 'x-matched-path' ? [key, matchedPath] : [key, value],
    ),
  };
}
