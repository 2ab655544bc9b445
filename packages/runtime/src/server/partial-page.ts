import { pipeline } from 'node:stream/promises';
import { type FunctionDecision, finishHeaders } from '@svc/router';
import type { Prerender } from '../deployment/prerender.ts';
import { asNodeHeaders, withId } from '../http/header-list.ts';
import { requestHeaderList } from '../http/request-headers.ts';
import type { KeptPage } from '../prerender/kept-page.ts';
import { askFunction } from './ask-function.ts';
import { FunctionProblem } from './function-problem.ts';
import { headersForNext } from './headers-for-next.ts';
import type { CacheState } from './prerendered.ts';
import { pageHeaders } from './send-page.ts';
import type { Site } from './site.ts';
import type { Visit } from './visit.ts';

/**
 * How Next.js writes a page of which only a part was rendered ahead: `state-length` bytes that the function needs to go
 * on, then the part, whose own content type is `origin`.
 */
const PARTIAL = /^application\/x-nextjs-pre-render\s*;\s*state-length=(\d+)\s*;\s*origin=(.+)$/;

export function isPartial({ headers }: KeptPage): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === 'content-type' && PARTIAL.test(value));
}

/** Sends the part that is kept at once, and behind it what the function renders for this visitor. */
export async function sendPartialPage(
  site: Site,
  visit: Visit,
  decision: FunctionDecision,
  chain: NonNullable<Prerender['chain']>,
  page: KeptPage,
  state: CacheState,
): Promise<void> {
  const { request, response, origin } = visit;
  const all = pageHeaders(page, state, site.pages.now());
  const said = all.find(([name]) => name === 'content-type')?.[1] ?? '';
  const [, length, type = ''] = PARTIAL.exec(said) ?? [];
  const split = Number(length);
  const own = all.map(([name, value]): [string, string] =>
    name === 'content-type' ? [name, type.replace(/^"|"$/g, '')] : [name, value],
  );
  const headers = withId(finishHeaders(decision.response, own), origin.id);
  response.writeHead(decision.status ?? page.status, asNodeHeaders(headers));
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const part = page.body.subarray(split);
  response.write(part);
  visit.bytes = part.length;

  const tree = site.tree(decision.service);
  const fn = tree.outputs.functions.get(chain.output) ?? tree.outputs.functions.get(decision.name);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    if (!fn) throw new FunctionProblem(501, `the deployment has no function ${chain.output}`);
    const chained = Object.entries(chain.headers).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    );
    const told = [
      ...headersForNext(decision).filter(([name]) => !chained.some(([other]) => other === name)),
      ...chained,
    ];
    const replaced = new Set(['content-length', 'content-type', ...told.map(([name]) => name)]);
    const question = {
      method: 'POST',
      target: decision.target,
      headers: [
        ...requestHeaderList(request, origin, decision.requestHeaders).filter(
          ([name]) => !replaced.has(name.toLowerCase()),
        ),
        ...told,
      ],
      body: page.body.subarray(0, split),
      signal: gone.signal,
    };
    await askFunction(site, fn, question, async answer => {
      answer.body.on('data', (chunk: Buffer) => {
        visit.bytes += chunk.length;
      });
      await pipeline(answer.body, response);
    });
  } catch (error) {
    if (response.destroyed && !(error instanceof FunctionProblem)) return;
    if (!(error instanceof FunctionProblem)) throw error;
    const message = `the answer to ${request.method} ${visit.target} broke off: ${error.message} (${origin.id})`;
    site.emit({ type: 'problem', service: visit.service, message });
    response.destroy();
  }
}
