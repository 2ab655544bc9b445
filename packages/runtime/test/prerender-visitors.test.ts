import { describe, expect, it } from 'vitest';
import { ask } from './support/http.ts';
import { site, state, WAITING } from './support/prerendered.ts';

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
