import { describe, expect, it } from 'vitest';
import { ask } from './support/http.ts';
import { COUNTING, site, state, WAITING } from './support/prerendered.ts';

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
