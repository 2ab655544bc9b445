import { describe, expect, it } from 'vitest';
import {
  ask,
  brief,
  decided,
  FUNCTION,
  FUNCTION_ROUTES,
  headerIn,
  request,
  routerOf,
  toApi,
} from './support.ts';

/** `$TIER`, the same in braces, and one that no rule lists. */
const VARIABLES = `$TIER-$\{TIER}-$SECRET`;

describe('the public table', () => {
  it('takes methods as they are: HEAD is not GET', () => {
    const rules = [{ src: '/(.*)', methods: ['GET'], destination: toApi }];
    expect(brief(decided(rules, '/a'))).toBe('api sees /a');
    expect(brief(decided(rules, '/a', { method: 'HEAD' }))).toBe('404 from nobody');
  });

  it('collects headers of rules that go on, the last of a name', () => {
    const rules = [
      { src: '/(.*)', headers: { 'X-A': '1', 'X-B': '1' }, continue: true },
      { src: '/a', headers: { 'x-a': '2' }, continue: true },
      { src: '/a', destination: toApi },
    ];
    expect(decided(rules, '/a').response.headers).toMatchObject([
      { name: 'x-b', value: '1' },
      { name: 'x-a', value: '2' },
    ]);
    const nowhere = decided(rules, '/b');
    expect(brief(nowhere)).toBe('404 from nobody');
    expect(headerIn(nowhere, 'x-a')).toBe('1');
  });

  it('starts anew with "override"', () => {
    const rules = [
      { src: '/(.*)', headers: { 'x-a': '1' }, status: 203, continue: true },
      { src: '/a', override: true, headers: { 'x-b': '1' }, continue: true },
      { src: '/(.*)', destination: toApi },
    ];
    const decision = decided(rules, '/a');
    expect(decision).not.toHaveProperty('status');
    expect(decision.response.headers.map(({ name }) => name)).toEqual(['x-b']);
    expect(decided(rules, '/b')).toHaveProperty('status', 203);
  });

  it('keeps the query on a redirect, before a fragment; what the rule writes wins', () => {
    const rules = (location: string) => [{ src: '/a', headers: { Location: location }, status: 308 }];
    expect(brief(decided(rules('/b'), '/a?x=1&x=2'))).toBe('308 to /b?x=1&x=2');
    expect(brief(decided(rules('/b?x=9#top'), '/a?x=1&y=2'))).toBe('308 to /b?x=9&y=2#top');
    expect(brief(decided(rules('https://other.example/b'), '/a?x=1'))).toBe(
      '308 to https://other.example/b?x=1',
    );
  });

  it('never sends a visitor to another host by a path', () => {
    const strip = [{ src: '^/(.*)\\.html$', headers: { Location: '/$1' }, status: 308 }];
    expect(brief(decided(strip, '/\\evil.example/x.html'))).toBe('308 to /%5Cevil.example/x');
    expect(brief(decided(strip, '//evil.example/x.html'))).toBe('308 to /evil.example/x.html');
    const sloppy = [{ src: '^/old(.*)$', headers: { Location: '/$1' }, status: 308 }];
    expect(brief(decided(sloppy, '/old/evil.example'))).toBe('308 to /evil.example');
    expect(brief(decided(sloppy, '/old\\/evil.example'))).toBe('308 to /%5Cevil.example');
    const elsewhere = [{ src: '^/cdn/(.*)$', headers: { Location: '//cdn.example/$1' }, status: 308 }];
    expect(brief(decided(elsewhere, '/cdn/a'))).toBe('308 to //cdn.example/a');
  });

  it('denies and challenges visitors, but not bindings', () => {
    const rules = (action: string) => [
      { src: '/(.*)', mitigate: { action } },
      { src: '/(.*)', destination: toApi },
    ];
    for (const action of ['deny', 'challenge']) {
      const decision = decided(rules(action), '/a');
      expect(brief(decision)).toBe('403');
      expect(headerIn(decision, 'x-vercel-mitigated')).toBe(action);
    }
    const api = { ...FUNCTION, routes: [{ src: '/(.*)', mitigate: { action: 'deny' } }, ...FUNCTION_ROUTES] };
    const router = routerOf({ routes: rules('deny') }, { api });
    expect(brief(router.decideWithin('api', request('/a')))).toBe('api sees /a');
  });

  it('asks elsewhere for a destination with a host', () => {
    const rules = [
      {
        src: '/ext/(.*)',
        dest: 'https://other.example/$1?own=1',
        check: true,
        transforms: [{ type: 'request.headers', op: 'set', target: { key: 'x-via' }, args: '$1' }],
      },
    ];
    const decision = decided(rules, '/ext/a%20b?x=1');
    expect(brief(decision)).toBe('nobody asks https://other.example/a%20b?own=1&x=1');
    expect(decision).toHaveProperty('requestHeaders', [['x-via', 'a%20b']]);
  });

  it('shows a service the original path behind a string rewrite', () => {
    const rules = [
      { handle: 'filesystem' },
      { src: '^/old/(.*)$', dest: '/api/$1?was=old', check: true },
      { src: '^/api/(.*)$', destination: toApi },
    ];
    expect(brief(decided(rules, '/old/x?q=1'))).toBe('api sees /old/x?q=1');
  });

  it('has nothing for a service that is not there, and ends a circle', () => {
    expect(brief(decided([{ src: '/', destination: { type: 'service', service: 'gone' } }], '/'))).toBe(
      '404 from nobody',
    );
    const ring = (service: string) => ({
      routes: [{ src: '/(.*)', destination: { type: 'service', service } }],
    });
    expect(brief(ask(routerOf(ring('a'), { a: ring('b'), b: ring('a') }), '/'))).toBe('508 from a');
  });

  it('expands only the variables that a rule lists', () => {
    const rule = {
      src: '/(.*)',
      env: ['TIER'],
      headers: { 'x-tier': VARIABLES },
      continue: true,
    };
    const router = routerOf(
      { routes: [rule, { src: '/(.*)', destination: toApi }] },
      { api: FUNCTION },
      { TIER: 'gold', SECRET: 's' },
    );
    expect(headerIn(ask(router, '/'), 'x-tier')).toBe('gold-gold-');
  });

  it('chooses $wildcard by host', () => {
    const front = {
      routes: [{ src: '^/(.*)$', dest: '$wildcard/$1' }],
      files: ['index.html', 'nl/index.html'],
      wildcard: [{ domain: 'example.nl', value: '/nl' }],
    };
    const router = routerOf(front);
    expect(brief(ask(router, '/', { host: 'example.nl' }))).toBe('nobody serves nl/index.html');
    expect(brief(ask(router, '/', { host: 'example.com' }))).toBe('nobody serves index.html');
  });
});
