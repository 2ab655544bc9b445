import { start } from './deployment.ts';
import { type Answer, ask } from './http.ts';

/** Counts its runs, and does by the query or a header what is asked of it. */
export const COUNTING = `
let count = 0;
let isBroken = false;
export default async (req, res) => {
  if (isBroken) { res.statusCode = 500; return res.end('broken'); }
  count++;
  const { searchParams } = new URL(req.url, 'http://x');
  if (searchParams.has('private')) res.setHeader('cache-control', 'private, no-store');
  if (searchParams.has('short')) res.setHeader('cache-control', 's-maxage=3');
  res.setHeader('content-type', 'text/plain');
  res.setHeader('set-cookie', 'session=1');
  res.setHeader('x-own', 'kept');
  res.setHeader('link', ['</a>; rel=preload', '</b>; rel=preload']);
  res.end(JSON.stringify({ count, url: req.url, cookie: req.headers.cookie, custom: req.headers['x-custom'], language: req.headers['accept-language'] }));
};`;

/** Tells when it has begun with a page, and ends its first one when somebody posts. DELETE declares changed what it is made from. */
export const WAITING = `
const { FetchCache } = globalThis[Symbol.for('@next/cache-handlers')];
let count = 0;
let release;
const released = new Promise(resolve => { release = resolve; });
export default async (req, res) => {
  if (req.method === 'POST') { release(); return res.end(); }
  if (req.method === 'DELETE') { await new FetchCache().revalidateTag(['things']); return res.end(); }
  const own = ++count;
  console.log('begun');
  await released;
  res.setHeader('x-next-cache-tags', 'things');
  res.end(JSON.stringify({ count: own }));
};`;

class Clock {
  private time = 1_700_000_000_000;
  readonly now = () => this.time;
  pass(seconds: number): void {
    this.time += seconds * 1000;
  }
}

/** A deployment with a page that is kept, at `name`, and a clock by which it ages. */
export async function site(
  config: object,
  { fallback = true, name = 'page', more = {} as Record<string, object | string> } = {},
) {
  const clock = new Clock();
  const { port, events, next } = await start(
    {
      'config.json': {
        version: 3,
        routes: [
          { handle: 'filesystem' },
          { handle: 'rewrite' },
          { src: '^/blog/(?<slug>[^/]+)$', dest: '/blog/[slug]?slug=$slug' },
        ],
      },
      [`functions/${name}.prerender-config.json`]: {
        expiration: 10,
        ...(fallback && { fallback: `${name.split('/').at(-1)}.prerender-fallback.html` }),
        initialHeaders: { 'x-built': '1' },
        allowQuery: [],
        ...config,
      },
      ...(fallback && { [`functions/${name}.prerender-fallback.html`]: '<h1>built</h1>' }),
      [`functions/${name}.func/.vc-config.json`]: {
        runtime: 'nodejs22.x',
        handler: 'index.mjs',
        launcherType: 'Nodejs',
      },
      [`functions/${name}.func/index.mjs`]: COUNTING,
      ...more,
    },
    { now: clock.now },
  );
  /** Asks until the answer is another one than that: work in the background has an end, but tells nobody. */
  const until = async (path: string, fits: (answer: Answer) => boolean): Promise<Answer> => {
    for (;;) {
      const answer = await ask(port, path);
      if (fits(answer)) return answer;
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  };
  return { port, clock, events, next, until };
}

/** How an answer came about: `HIT`, `MISS`, `STALE`, … */
export const state = ({ headers }: Answer) => headers['x-vercel-cache'];
