import { describe, expect, it } from 'vitest';
import { start } from './support/deployment.ts';
import { type Answer, ask } from './support/http.ts';

/** Counts its runs, and does by the query or a header what is asked of it. */
const COUNTING = `
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
const WAITING = `
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

async function site(
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

const state = ({ headers }: Answer) => headers['x-vercel-cache'];

describe('a page that was built', () => {
  it('is served, then stale while it is made anew, then new', async () => {
    const { port, clock, until } = await site({});
    const built = await ask(port, '/page');
    expect(built).toMatchObject({ status: 200, text: '<h1>built</h1>' });
    expect(built.headers).toMatchObject({
      'x-vercel-cache': 'PRERENDER',
      'x-built': '1',
      'cache-control': 'public, max-age=0, must-revalidate',
    });
    clock.pass(9);
    expect(state(await ask(port, '/page'))).toBe('PRERENDER');
    clock.pass(1);
    const stale = await ask(port, '/page');
    expect(stale.text).toBe('<h1>built</h1>');
    expect(state(stale)).toBe('STALE');
    const made = await until('/page', answer => state(answer) === 'HIT');
    expect(JSON.parse(made.text)).toMatchObject({ count: 1, url: '/page' });
    expect(made.headers).toMatchObject({
      'x-own': 'kept',
      link: '</a>; rel=preload, </b>; rel=preload',
      age: '0',
    });
    expect(made.headers['set-cookie']).toBeUndefined();
    clock.pass(4);
    expect((await ask(port, '/page')).headers.age).toBe('4');
  });

  it('answers conditional requests and HEAD', async () => {
    const { port } = await site({});
    const { headers } = await ask(port, '/page');
    const known = await ask(port, '/page', { headers: { 'if-none-match': String(headers.etag) } });
    expect(known).toMatchObject({ status: 304, text: '' });
    const head = await ask(port, '/page', { method: 'HEAD' });
    expect(head.headers['content-length']).toBe('14');
    expect(head.text).toBe('');
  });

  it('with expiration false is never made anew', async () => {
    const { port, clock } = await site({ expiration: false });
    clock.pass(1e9);
    expect(state(await ask(port, '/page'))).toBe('PRERENDER');
  });

  it('past staleExpiration is made anew before it is served', async () => {
    const { port, clock } = await site({ staleExpiration: 20 });
    clock.pass(21);
    const answer = await ask(port, '/page');
    expect(state(answer)).toBe('MISS');
    expect(JSON.parse(answer.text).count).toBe(1);
  });
});

describe('making anew', () => {
  it('happens once for all who ask at the same time', async () => {
    const { port } = await site({}, { fallback: false });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, '/page')));
    expect(new Set(answers.map(answer => JSON.parse(answer.text).count))).toEqual(new Set([1]));
  });

  it('on demand waits for none that was begun before, which may be made from what has changed since', async () => {
    const { port, next } = await site(
      { bypassToken: 't', expiration: false },
      { fallback: false, more: { 'functions/page.func/index.mjs': WAITING } },
    );
    const first = ask(port, '/page');
    await next(event => event.type === 'function.output' && event.line === 'begun');
    const demanded = ask(port, '/page', { headers: { 'x-prerender-revalidate': 't' } });
    await ask(port, '/page', { method: 'POST' });
    expect(JSON.parse((await first).text)).toEqual({ count: 1 });
    const renewed = await demanded;
    expect([state(renewed), JSON.parse(renewed.text)]).toEqual(['REVALIDATED', { count: 2 }]);
    expect(JSON.parse((await ask(port, '/page')).text)).toEqual({ count: 2 });
  });

  it('that fails leaves the stale page, and is tried again after a rest', async () => {
    const code = COUNTING.replace('let isBroken = false', 'let isBroken = true');
    const { port, clock, events, next } = await site({}, { more: { 'functions/page.func/index.mjs': code } });
    const problems = () => events.filter(event => event.type === 'problem').length;
    clock.pass(11);
    expect(state(await ask(port, '/page'))).toBe('STALE');
    const problem = await next(event => event.type === 'problem');
    expect(problem).toMatchObject({ message: expect.stringContaining('page was not made anew') });
    clock.pass(29);
    expect(await ask(port, '/page')).toMatchObject({ status: 200, text: '<h1>built</h1>' });
    expect(problems()).toBe(1);
    clock.pass(2);
    await ask(port, '/page');
    await next(() => problems() === 2);
  });

  it('follows s-maxage of the answer rather than expiration, and keeps nothing private', async () => {
    const { port, clock } = await site(
      { allowQuery: ['short', 'private'], passQuery: true },
      { fallback: false },
    );
    await ask(port, '/page?short=1');
    clock.pass(2);
    expect(state(await ask(port, '/page?short=1'))).toBe('HIT');
    clock.pass(2);
    expect(state(await ask(port, '/page?short=1'))).toBe('STALE');
    expect(state(await ask(port, '/page?private=1'))).toBe('MISS');
    const own = await ask(port, '/page?private=1');
    expect(own.headers).toMatchObject({
      'x-vercel-cache': 'MISS',
      'cache-control': 'private, no-store',
    });
    expect(own.headers['set-cookie']).toBeUndefined();
  });

  it('sees nothing of the visitor but what is allowed', async () => {
    const { port } = await site({ allowHeader: ['accept-language'] }, { fallback: false });
    const answer = await ask(port, '/page?a=1', {
      headers: { cookie: 'secret=1', 'x-custom': '1', 'accept-language': 'nl' },
    });
    expect(JSON.parse(answer.text)).toEqual({ count: 1, url: '/page', language: 'nl' });
  });

  it('of a group concerns all its pages', async () => {
    const data = {
      'functions/data.prerender-config.json': {
        expiration: 1000,
        group: 1,
        allowQuery: [],
        fallback: 'data.json',
      },
      'functions/data.json': '{"built":true}',
      'functions/data.func/.vc-config.json': {
        runtime: 'nodejs22.x',
        handler: 'index.mjs',
        launcherType: 'Nodejs',
      },
      'functions/data.func/index.mjs': COUNTING,
    };
    const { port, clock, until } = await site({ group: 1 }, { more: data });
    expect((await ask(port, '/data')).text).toBe('{"built":true}');
    clock.pass(11);
    await ask(port, '/page');
    const made = await until('/data', answer => state(answer) === 'HIT');
    expect(JSON.parse(made.text)).toMatchObject({ url: '/data' });
  });
});

describe('an invocation of Next.js', () => {
  // Next.js answers from what it has rendered for the same invocation, and for 10 seconds from anything when there is no id.
  const code = `export default (req, res) => res.end(req.headers['x-invocation-id'] ?? 'none');`;
  const functionOf = (name: string) => ({
    [`functions/${name}.func/.vc-config.json`]: {
      runtime: 'nodejs22.x',
      handler: 'index.mjs',
      launcherType: 'Nodejs',
    },
    [`functions/${name}.func/index.mjs`]: code,
  });
  const more = {
    'config.json': { version: 3, framework: { slug: 'nextjs' }, routes: [{ handle: 'filesystem' }] },
    'functions/data.prerender-config.json': { expiration: 10, group: 1, allowQuery: [] },
    ...functionOf('data'),
    ...functionOf('page'),
    ...functionOf('plain'),
  };

  it('has an id of its own, which no client chooses, and which the pages of a group share', async () => {
    const { port, clock, until } = await site({ group: 1 }, { fallback: false, more });
    const forged = { headers: { 'x-invocation-id': 'forged' } };
    const plain = [await ask(port, '/plain', forged), await ask(port, '/plain', forged)];
    const page = await ask(port, '/page', forged);
    const data = await until('/data', answer => state(answer) === 'HIT');
    expect(data.text).toBe(page.text);
    clock.pass(11);
    await ask(port, '/page');
    const renewed = await until('/page', answer => state(answer) === 'HIT');
    const ids = [...plain, page, renewed].map(({ text }) => text);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('parameters', () => {
  it('of allowQuery make other pages, in any order; others make none', async () => {
    const { port } = await site({ allowQuery: ['a', 'b'], passQuery: true }, { fallback: false });
    const first = await ask(port, '/page?a=1&b=2');
    expect(JSON.parse(first.text)).toMatchObject({ count: 1, url: '/page?a=1&b=2' });
    const same = await ask(port, '/page?b=2&c=3&a=1');
    expect(state(same)).toBe('HIT');
    expect(same.text).toBe(first.text);
    expect(JSON.parse((await ask(port, '/page?a=2')).text).count).toBe(2);
  });

  it('of the path make other pages', async () => {
    const { port } = await site({ allowQuery: ['slug'] }, { name: 'blog/[slug]', fallback: false });
    expect(JSON.parse((await ask(port, '/blog/one')).text)).toMatchObject({ count: 1 });
    expect(JSON.parse((await ask(port, '/blog/two')).text)).toMatchObject({ count: 2 });
    expect(state(await ask(port, '/blog/one'))).toBe('HIT');
  });

  it('of the path have a shell until their page is made', async () => {
    const { port, until } = await site({ allowQuery: ['slug'] }, { name: 'blog/[slug]' });
    const shell = await ask(port, '/blog/one');
    expect(shell.text).toBe('<h1>built</h1>');
    expect(state(shell)).toBe('PRERENDER');
    const made = await until('/blog/one', answer => state(answer) === 'HIT');
    expect(JSON.parse(made.text).count).toBe(1);
  });
});

describe('passing by', () => {
  const token = 'a-token-that-nobody-knows';

  it('the token makes a page anew at once', async () => {
    const { port } = await site({ bypassToken: token, expiration: false });
    const revalidated = await ask(port, '/page', {
      method: 'HEAD',
      headers: { 'x-prerender-revalidate': token },
    });
    expect(state(revalidated)).toBe('REVALIDATED');
    expect(JSON.parse((await ask(port, '/page')).text).count).toBe(1);
    const forged = await ask(port, '/page', { headers: { 'x-prerender-revalidate': 'guess' } });
    expect(state(forged)).toBe('HIT');
  });

  it('the cookie of drafts, other methods and conditions reach the function, which sees the visitor', async () => {
    const bypassFor = [
      { type: 'header', key: 'next-action' },
      { type: 'cookie', key: 'who', value: 'me' },
    ];
    const { port } = await site({ bypassToken: token, experimentalBypassFor: bypassFor });
    const requests = [
      { headers: { cookie: `__prerender_bypass=${token}` } },
      { headers: { 'next-action': 'x' } },
      { headers: { cookie: 'who=me' } },
      { method: 'POST' },
    ];
    for (const request of requests) {
      const answer = await ask(port, '/page', request);
      expect(state(answer)).toBe('BYPASS');
      expect(answer.headers['set-cookie']).toEqual(['session=1']);
    }
    const forged = await ask(port, '/page', { headers: { cookie: '__prerender_bypass=guess; who=you' } });
    expect(state(forged)).toBe('PRERENDER');
  });
});

describe('a page of which a part was rendered ahead', () => {
  const CHAINED = `export default async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    res.end(JSON.stringify({ method: req.method, resume: req.headers['next-resume'], cookie: req.headers.cookie, body }));
  };`;

  it('is sent at once, and completed for the visitor', async () => {
    const { port } = await site(
      {
        initialHeaders: {
          'content-type':
            'application/x-nextjs-pre-render; state-length=5; origin="text/html; charset=utf-8"',
        },
        chain: { outputPath: 'page', headers: { 'next-resume': '1' } },
      },
      {
        more: {
          'functions/page.prerender-fallback.html': 'STATE<h1>part</h1>',
          'functions/page.func/index.mjs': CHAINED,
        },
      },
    );
    const answer = await ask(port, '/page', { headers: { cookie: 'who=me' } });
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    const [part, rest = ''] = answer.text.split('</h1>');
    expect(part).toBe('<h1>part');
    expect(JSON.parse(rest)).toEqual({ method: 'POST', resume: '1', cookie: 'who=me', body: 'STATE' });
  });
});

describe('a change that code declares', () => {
  // As the launchers of Next.js do: its cache is told of tags, of pages and of data.
  const CHANGING = `
    const { FetchCache } = globalThis[Symbol.for('@next/cache-handlers')];
    const cache = new FetchCache();
    let count = 0;
    export default async (req, res) => {
      if (req.method === 'POST') { await cache.revalidateTag(['things']); return res.end(); }
      const known = await cache.get('data', { tags: ['things'] });
      if (!known) await cache.set('data', { kind: 'FETCH', data: ++count }, { tags: ['things'] });
      const { value } = await cache.get('data');
      res.setHeader('x-next-cache-tags', 'things,others');
      res.end(JSON.stringify({ data: value.data, onDemand: req.headers['x-prerender-revalidate'] ?? null }));
    };`;

  it('concerns the pages that were made from it, and the data', async () => {
    const { port, clock } = await site(
      { bypassToken: 't', initialHeaders: { 'x-next-cache-tags': 'things' }, expiration: false },
      { more: { 'functions/page.func/index.mjs': CHANGING } },
    );
    expect(state(await ask(port, '/page'))).toBe('PRERENDER');
    clock.pass(1);
    await ask(port, '/page', { method: 'POST' });
    clock.pass(1);
    const made = await ask(port, '/page');
    expect(state(made)).toBe('MISS');
    expect(JSON.parse(made.text)).toEqual({ data: 1, onDemand: 't' });
    expect(made.headers['x-next-cache-tags']).toBeUndefined();
    expect(state(await ask(port, '/page'))).toBe('HIT');
    await ask(port, '/page', { method: 'POST' });
    clock.pass(1);
    expect(JSON.parse((await ask(port, '/page')).text).data).toBe(2);
  });

  it('while a page is made concerns that page, too', async () => {
    const { port, clock, next } = await site(
      { expiration: false },
      { fallback: false, more: { 'functions/page.func/index.mjs': WAITING } },
    );
    const first = ask(port, '/page');
    await next(event => event.type === 'function.output' && event.line === 'begun');
    clock.pass(1);
    await ask(port, '/page', { method: 'DELETE' });
    clock.pass(1);
    await ask(port, '/page', { method: 'POST' });
    expect(JSON.parse((await first).text)).toEqual({ count: 1 });
    const made = await ask(port, '/page');
    expect([state(made), JSON.parse(made.text)]).toEqual(['MISS', { count: 2 }]);
    expect(state(await ask(port, '/page'))).toBe('HIT');
  });
});
