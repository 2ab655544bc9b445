import type { Decision } from '@svc/router';
import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';
import { FUNCTION, headerIn, request, routerOf } from './support.ts';

const PIECES = [
  '/',
  '//',
  '\\',
  '.',
  '..',
  '...',
  '%2e',
  '%2E%2e',
  '%2f',
  '%5c',
  '%00',
  '\0',
  '%',
  '%zz',
  '%c0%ae',
  '%ff',
  '%252e',
  'a',
  'api',
  'ledger',
  'services',
  'static',
  'functions',
  'index',
  'index.html',
  'config.json',
  '~',
  ':',
  '@',
  ';',
  '?',
  '#',
  '&',
  '=',
  '+',
  ' ',
  '\t',
  '\r\n',
  '\u00e9',
  '\ud800',
  '\u2028',
  '$1',
  '$&',
  '*',
  'http://',
  'ledger.func',
  '.git',
  'constructor',
  '__proto__',
  '(',
  '[',
  '<',
  '"',
  'x'.repeat(300),
] as const;
const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'get', ''] as const;
const HOSTS = [
  'example.com',
  'ledger',
  'ledger.example.com',
  'localhost:3000',
  '',
  '[::1]:80',
  'a b',
  '127.0.0.1',
] as const;
const FORGED = [
  'x-vercel-service',
  'x-svc-service',
  'x-matched-path',
  'x-now-route-matches',
  'x-forwarded-host',
  'x-original-url',
  'x-rewrite-url',
  'x-middleware-rewrite',
  'x-middleware-subrequest',
  'x-invoke-path',
  'forwarded',
  'cookie',
  'host',
] as const;

function randomTarget(random: Random): string {
  const pieces = Array.from({ length: 1 + random.below(12) }, () => random.pick(PIECES)).join('');
  return random.once(10) ? pieces : `/${pieces}`;
}

function randomRequest(random: Random, target: string) {
  const headers: Record<string, string> = {};
  for (const name of random.list(3, () => random.pick(FORGED))) {
    headers[name] = random.pick(['ledger', '/ledger', 'service=ledger', 'http://ledger/', target]);
  }
  return request(target, { method: random.pick(METHODS), host: random.pick(HOSTS), headers });
}

/** Rules of every kind, with a table behind them that has files, functions and a page for errors. */
const HOSTILE_GROUND = {
  routes: [
    { src: '^/(?:(.+)/)?index(?:\\.html)?/?$', headers: { Location: '/$1' }, status: 308 },
    { src: '^/(.*)\\.html/?$', headers: { Location: '/$1' }, status: 308 },
    {
      src: '/(.*)',
      has: [{ type: 'query', key: 'a', value: '(?<v>.*)' }],
      headers: { 'x-v': '$v', 'x-p': '$1' },
      continue: true,
    },
    { src: '^/(a+)+$', headers: { 'x-a': '1' }, continue: true },
    {
      src: '^/api/(.*)$',
      transforms: [{ type: 'request.query', op: 'append', target: { key: 'a' }, args: '$1' }],
      continue: true,
    },
    { handle: 'filesystem' },
    { src: '^/a/(.*)$', dest: '/$1', check: true },
    { src: '^/api(?:/((?:[^/]+?)(?:/(?:[^/]+?))*))?$', dest: '/fn?path=$1' },
    { handle: 'error' },
    { src: '/.*', dest: '/404', status: 404 },
  ],
  files: ['index.html', 'a/x.txt', 'api.txt', '404.html'],
  functions: ['fn'],
  overrides: { '404.html': { path: '404' } },
};

describe('50,000 random targets', () => {
  const front = { routes: [{ src: '/(.*)', destination: { type: 'service', service: 'site' } }] };
  const router = routerOf(front, { site: HOSTILE_GROUND });
  const known = new Set(HOSTILE_GROUND.files);

  it('never throw, and never reach what is not listed', () => {
    const random = new Random(31);
    const seen = new Set<Decision['type']>();
    for (let count = 0; count < 50_000; count += 1) {
      const asked = randomRequest(random, randomTarget(random));
      for (const decision of [router.decide(asked), router.decideWithin('site', asked)]) {
        seen.add(decision.type);
        if (decision.type === 'static') expect(known).toContain(decision.file);
        if (decision.type === 'function') expect(decision.name).toBe('fn');
        for (const { value } of decision.response.headers)
          expect(value).not.toMatch(/[^\t\x20-\x7e\x80-\xff]/);
        const location = headerIn(decision, 'location');
        if (location !== undefined) expect(location).toMatch(/^\/(?![/\\])/);
      }
    }
    expect([...seen].sort()).toEqual(['error', 'function', 'redirect', 'static']);
  });

  it('never throw when they are very long', () => {
    for (const unit of ['a', '/', '/a', '%2e%2e/', '../', '//', '%', 'a.html/', '\\', '?a=']) {
      const target = `/${unit.repeat(60_000 / unit.length)}`;
      expect(() => router.decide(request(target))).not.toThrow();
    }
  });
});

describe('a service without a rewrite', () => {
  const toShop = { type: 'service', service: 'shop' };
  const front = {
    routes: [
      { src: '/(.*)', headers: { 'x-front': '1' }, continue: true },
      { src: '^/old/(.*)$', dest: '/shop/$1', check: true },
      { src: '^/shop(?:/(.*))?$', destination: toShop },
      { src: '^/deep/(.*)$', destination: { ...toShop, path: '/$1' } },
    ],
  };
  const router = routerOf(front, { shop: FUNCTION, ledger: FUNCTION });

  it('is reached by none of 1,000 requests from outside, whatever they claim', () => {
    const random = new Random(6);
    let reachedShop = 0;
    for (let count = 0; count < 1000; count += 1) {
      const entry = random.pick(['/shop/', '/old/', '/deep/', '/ledger/', '/services/ledger/', '/']);
      const target = random.once(4) ? randomTarget(random) : entry + randomTarget(random);
      const decision = router.decide(randomRequest(random, target));
      expect(decision.service, target).not.toBe('ledger');
      if (decision.service === 'shop') reachedShop += 1;
    }
    expect(reachedShop).toBeGreaterThan(50);
  });

  it('is reached by a binding', () => {
    expect(router.decideWithin('ledger', request('/entries'))).toMatchObject({
      service: 'ledger',
      target: '/entries',
    });
  });
});
