import type { MiddlewareOutcome } from '@svc/router';
import { describe, expect, it } from 'vitest';
import { type Asked, ask, brief, headerIn, routerOf } from './support.ts';

/** In the shape that `@vercel/next` gives to a site with pages in two languages, a dynamic page and redirects. */
const I18N = {
  routes: [
    {
      src: '^(?:/((?:[^/]+?)(?:/(?:[^/]+?))*))/$',
      headers: { Location: '/$1' },
      status: 308,
      continue: true,
    },
    { src: '^(?:/nl)?/moved$', headers: { Location: '/about' }, status: 307 },
    { src: '/', locale: { redirect: { en: '/', nl: '/nl' }, cookie: 'NEXT_LOCALE' }, continue: true },
    { src: '^/$', dest: '/en', continue: true },
    { src: '^/(?!(?:_next/.*|en|nl)(?:/.*|$))(.*)$', dest: '/en/$1', continue: true },
    { src: '/404', status: 404, continue: true },
    { handle: 'filesystem' },
    { src: '^/en/before/(.*)$', dest: '/en/post/$1', check: true },
    { src: '/_next/data/(.*)', dest: '/_next/data/$1', check: true },
    { src: '/_next/data/(.*)', status: 404 },
    { handle: 'resource' },
    { src: '^/(?:en|nl)/proxy/(.*)$', dest: 'https://old.example/$1', check: true },
    { src: '/.*', status: 404 },
    { handle: 'miss' },
    { src: '/_next/static/(?:[^/]+/pages|pages|chunks|css)/.+', status: 404, check: true, dest: '$0' },
    { src: '^//?(?:en|nl)/(.*)', dest: '/$1', check: true },
    { handle: 'rewrite' },
    {
      src: '^/_next/data/b1/(?<nxtPlang>[^/]+?)/post/(?<nxtPslug>.+?)\\.json$',
      dest: '/post/[slug]?nxtPslug=$nxtPslug',
    },
    { src: '^/(?:en|nl)/post/(?<nxtPslug>[^/]+?)(?:/)?$', dest: '/post/[slug]?nxtPslug=$nxtPslug' },
    {
      src: '^/(?<nextLocale>en|nl)/(?<nxtPpage>[^/]+?)(?:/)?$',
      dest: '/$nextLocale/[page]?nxtPpage=$nxtPpage',
    },
    { handle: 'hit' },
    {
      src: '/_next/static/(?:[^/]+/pages|pages|chunks|css)/.+',
      headers: { 'cache-control': 'public,max-age=31536000,immutable' },
      continue: true,
      important: true,
    },
    { src: '/((?!index$).*?)(?:/)?', headers: { 'x-matched-path': '/$1' }, continue: true, important: true },
    { handle: 'error' },
    { src: '/(?:en|nl)/.*', dest: '/en/404', status: 404 },
    { src: '/.*', dest: '/500', status: 500 },
  ],
  files: [
    'en.html',
    'nl.html',
    'en/404.html',
    'en/about.html',
    'logo.svg',
    '_next/static/chunks/main.js',
    '500.html',
  ],
  functions: ['post/[slug]', 'en/[page]', 'nl/[page]'],
  overrides: {
    'en.html': { path: 'en', contentType: 'text/html; charset=utf-8' },
    'nl.html': { path: 'nl' },
    'en/404.html': { path: 'en/404' },
    'en/about.html': { path: 'en/about' },
    '500.html': { path: '500' },
  },
};

describe('a table of Next.js with languages', () => {
  const router = routerOf(I18N);
  const get = (target: string, asked: Asked = {}) => ask(router, target, asked);

  it.each([
    ['/', 'nobody serves en.html'],
    ['/nl', 'nobody serves nl.html'],
    ['/about', 'nobody serves en/about.html'],
    ['/about/?x=1', '308 to /about?x=1'],
    ['/nl/moved', '307 to /about'],
    ['/post/hello?x=1', 'nobody sees /post/hello?nxtPslug=hello&x=1'],
    ['/post/hello?nxtPslug=forged', 'nobody sees /post/hello?nxtPslug=hello'],
    ['/before/hello', 'nobody sees /before/hello?nxtPslug=hello'],
    ['/_next/data/b1/en/post/hello.json', 'nobody sees /_next/data/b1/en/post/hello.json?nxtPslug=hello'],
    ['/_next/data/b1/none.json', '404 from nobody'],
    ['/_next/static/chunks/main.js', 'nobody serves _next/static/chunks/main.js'],
    ['/_next/static/chunks/none.js', '404 from nobody'],
    ['/proxy/a?b=1', 'nobody asks https://old.example/a?b=1'],
    ['/too/deep/for/pages', '404 from nobody'],
  ])('%s: %s', (target, wanted) => {
    expect(brief(get(target))).toBe(wanted);
  });

  it('finds a file of all languages before the page that would take its name', () => {
    expect(brief(get('/logo.svg'))).toBe('nobody serves logo.svg');
    expect(brief(get('/nl/logo.svg'))).toBe('nobody serves logo.svg');
    expect(brief(get('/nl/logo'))).toBe('nobody sees /nl/logo?nxtPpage=logo');
  });

  it('says which output was found, by name and to the visitor', () => {
    const decision = get('/post/hello');
    expect(decision).toMatchObject({
      name: 'post/[slug]',
      matchedPath: '/post/[slug]',
      matchedQuery: 'nxtPslug=hello',
    });
    expect(headerIn(decision, 'x-matched-path')).toBe('/post/[slug]');
    expect(headerIn(get('/_next/static/chunks/main.js'), 'cache-control')).toMatch(/immutable/);
  });

  it('gives its own pages for errors', () => {
    expect(get('/too/deep/for/pages')).toMatchObject({
      status: 404,
      page: { type: 'static', file: 'en/404.html' },
    });
    expect(router.errorPage(null, 500)).toMatchObject({ file: '500.html' });
  });

  it.each([
    [{ 'accept-language': 'nl-BE, en;q=0.5' }, '307 to /nl'],
    [{ 'accept-language': 'en;q=0.5, nl;q=0.4' }, 'nobody serves en.html'],
    [{ 'accept-language': 'fr, *;q=0.1' }, 'nobody serves en.html'],
    [{ 'accept-language': 'en', cookie: 'NEXT_LOCALE=nl' }, '307 to /nl'],
  ])('chooses the language of %j: %s', (headers, wanted) => {
    expect(brief(get('/', { headers }))).toBe(wanted);
  });
});

describe('a table of Next.js in a service', () => {
  const front = { routes: [{ src: '^/(.*)$', destination: { type: 'service', service: 'web' } }] };

  it('shows its code the original path when asked to', () => {
    const rewritten = routerOf(front, { web: I18N });
    const original = routerOf(front, { web: { ...I18N, observes: 'original' } });
    expect(brief(ask(rewritten, '/before/hello'))).toBe('web sees /en/post/hello?nxtPslug=hello');
    expect(brief(ask(original, '/before/hello'))).toBe('web sees /before/hello?nxtPslug=hello');
  });
});

describe('middleware', () => {
  const router = routerOf({
    routes: [
      { src: '/(.*)', headers: { 'x-before': '1' }, continue: true },
      { src: '^/app(?:/.*)?$', middlewarePath: 'middleware', continue: true, override: true },
      {
        src: '/(.*)',
        has: [{ type: 'header', key: 'x-tested', value: 'b' }],
        headers: { 'x-variant': 'b' },
        continue: true,
      },
      { handle: 'filesystem' },
      { src: '^/app/(.*)$', dest: '/page' },
    ],
    files: ['other.html'],
    functions: ['page', 'middleware'],
  });

  function after(target: string, outcome: MiddlewareOutcome) {
    const asked = ask(router, target);
    if (asked.type !== 'middleware') throw new Error(`${target} was not for the middleware`);
    expect(asked).toMatchObject({ name: 'middleware', target });
    return asked.resume(outcome);
  }

  it('is asked before anything is found, and the way goes on from there', () => {
    const decision = after('/app/a?x=1', {
      requestHeaders: [
        ['x-tested', 'b'],
        ['cookie', null],
      ],
      responseHeaders: [['X-From', 'middleware']],
    });
    expect(decision).toMatchObject({ type: 'function', name: 'page', target: '/app/a?x=1' });
    expect(decision).toHaveProperty('requestHeaders', [
      ['x-tested', 'b'],
      ['cookie', null],
    ]);
    expect([headerIn(decision, 'x-from'), headerIn(decision, 'x-variant')]).toEqual(['middleware', 'b']);
    expect(headerIn(decision, 'x-before')).toBeUndefined();
  });

  it('may lead elsewhere', () => {
    expect(brief(after('/app/a', { rewrite: '/other.html' }))).toBe('nobody serves other.html');
    expect(brief(after('/app/a?x=1', { rewrite: 'https://other.example/z' }))).toBe(
      'nobody asks https://other.example/z?x=1',
    );
  });

  it('is no page', () => {
    expect(brief(ask(router, '/middleware'))).toBe('404 from nobody');
  });
});
