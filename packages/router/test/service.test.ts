import { describe, expect, it } from 'vitest';
import {
  ask,
  brief,
  decided,
  FUNCTION,
  FUNCTION_ROUTES,
  headerIn,
  inService,
  routerOf,
  toApi,
} from './support.ts';

describe('a service', () => {
  it('sees the path that its own rewrites lead to, and its query', () => {
    const rewrites = [
      { handle: 'filesystem' },
      { src: '^/old/(?<id>[^/]+)$', dest: '/new/$id?id=$id', check: true },
    ];
    expect(brief(inService(rewrites, '/old/7?x=1'))).toBe('api sees /new/7?id=7&x=1');
    expect(brief(inService(rewrites, '/old/7?id=8'))).toBe('api sees /new/7?id=8');
  });

  it('does not see a destination path, nor what the rule that names the function says', () => {
    const front = [{ src: '/v1/(.*)', destination: { ...toApi, path: '/x/$1' } }];
    expect(brief(decided(front, '/v1/a?q=1'))).toBe('api sees /v1/a?q=1');
    const adopted = { routes: [{ handle: 'filesystem' }, { src: '/.*', dest: '/fn' }], functions: ['fn'] };
    expect(brief(ask(routerOf({ routes: front }, { api: adopted }), '/v1/a'))).toBe('api sees /v1/a');
  });

  it('sees the lookup path where a rule of its own says so', () => {
    const own = { src: '/(.*)', transforms: [{ type: 'request.path', op: 'set', args: '/$1' }] };
    const front = [{ src: '/v1/(.*)', destination: { ...toApi, path: '/x/$1' } }];
    const api = { routes: [own, ...FUNCTION_ROUTES], functions: ['index'] };
    expect(brief(ask(routerOf({ routes: front }, { api }), '/v1/a'))).toBe('api sees /x/a');
  });

  it.each(['//x', '/a b', '/a?b', '/a#b', 'a', '/\\u0001', ''])(
    'keeps its path when a transform gives %j',
    args => {
      const value = args.replace('\\u0001', '\u0001');
      const rule = { src: '/(.*)', transforms: [{ type: 'request.path', op: 'set', args: value }] };
      expect(brief(inService([rule], '/kept'))).toBe('api sees /kept');
    },
  );

  it('gets header and query transforms of the rule that hands over, and not its path transform', () => {
    const transforms = [
      { type: 'request.path', op: 'set', args: '/changed' },
      { type: 'request.headers', op: 'set', target: { key: 'X-From' }, args: '$1' },
      { type: 'request.query', op: 'set', target: { key: 'from' }, args: '$1' },
    ];
    const decision = decided([{ src: '/(.*)', destination: toApi, transforms }], '/a?b=1');
    expect(brief(decision)).toBe('api sees /a?b=1&from=a');
    expect(decision).toHaveProperty('requestHeaders', [['x-from', 'a']]);
  });

  it('does not see a path transform of the top level, whichever rule has it', () => {
    const transforms = [
      { type: 'request.path', op: 'set', args: '/changed' },
      { type: 'request.headers', op: 'set', target: { key: 'x-from' }, args: 'top' },
    ];
    const rules = [
      { src: '/(.*)', transforms, continue: true },
      { src: '/(.*)', destination: toApi },
    ];
    const decision = decided(rules, '/a');
    expect(brief(decision)).toBe('api sees /a');
    expect(decision).toHaveProperty('requestHeaders', [['x-from', 'top']]);
  });

  it('answers its files to readers alone', () => {
    for (const method of ['GET', 'HEAD']) {
      expect(brief(inService([], '/a.txt', { method }, ['a.txt']))).toBe('api serves a.txt');
    }
    const refused = inService(
      [{ src: '/(.*)', headers: { 'x-a': '1' }, continue: true }],
      '/a.txt',
      { method: 'POST' },
      ['a.txt'],
    );
    expect(brief(refused)).toBe('405 from api');
    expect([headerIn(refused, 'allow'), headerIn(refused, 'x-a')]).toEqual(['GET, HEAD', '1']);
  });

  it('is final: its 404 is not asked of anybody else', () => {
    const front = [
      { src: '/a/(.*)', destination: { type: 'service', service: 'site' } },
      { src: '/(.*)', destination: toApi },
    ];
    const router = routerOf({ routes: front }, { api: FUNCTION, site: { files: ['404.html', 'a/x.html'] } });
    const decision = ask(router, '/a/none');
    expect(brief(decision)).toBe('404 from site');
    expect(decision).toHaveProperty('page', { type: 'static', file: '404.html' });
    expect(router.errorPage('site', 404)).toEqual({ type: 'static', file: '404.html' });
    expect(router.errorPage('site', 500)).toBeUndefined();
  });
});
