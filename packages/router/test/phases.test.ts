import { describe, expect, it } from 'vitest';
import { ask, brief, headerIn, inService, routerOf } from './support.ts';

describe('phases', () => {
  const site = (routes: readonly object[], files: readonly string[], functions: readonly string[] = []) =>
    routerOf({ routes, files, functions });

  it('end with a rule that has nothing to do', () => {
    const router = site(
      [{ src: '^/\\.well-known/.*$' }, { src: '^/(.*[^/])$', headers: { Location: '/$1/' }, status: 308 }],
      ['.well-known/x'],
    );
    expect(brief(ask(router, '/.well-known/x'))).toBe('nobody serves .well-known/x');
    expect(brief(ask(router, '/y'))).toBe('308 to /y/');
  });

  it('look for files before and after "filesystem"', () => {
    const router = site(
      [
        { src: '/a', dest: '/b' },
        { handle: 'filesystem' },
        { src: '/(.*)', dest: '/index.html', check: true },
      ],
      ['b', 'c', 'index.html'],
    );
    expect(['/a', '/c', '/d'].map(path => brief(ask(router, path)))).toEqual([
      'nobody serves b',
      'nobody serves c',
      'nobody serves index.html',
    ]);
  });

  it('go on from a checked path that is not there', () => {
    const router = site(
      [{ handle: 'filesystem' }, { src: '/a', dest: '/b', check: true }, { src: '/b', dest: '/c.txt' }],
      ['c.txt'],
    );
    expect(brief(ask(router, '/a'))).toBe('nobody serves c.txt');
  });

  it('add headers on a hit and on a miss, without replacing any', () => {
    const router = site(
      [
        { src: '/(.*)', headers: { 'x-kept': 'early' }, continue: true },
        { handle: 'miss' },
        { src: '/(.*)', headers: { 'x-missed': '1' }, continue: true },
        { handle: 'hit' },
        { src: '/(.*)', headers: { 'x-kept': 'late', 'x-hit': '1' }, continue: true },
        { src: '/b', headers: { 'x-kept': 'forced' }, important: true, continue: true },
      ],
      ['a', 'b'],
    );
    expect(headerIn(ask(router, '/a'), 'x-kept')).toBe('early');
    expect(headerIn(ask(router, '/a'), 'x-missed')).toBeUndefined();
    expect(headerIn(ask(router, '/b'), 'x-kept')).toBe('forced');
    expect(headerIn(ask(router, '/none'), 'x-missed')).toBe('1');
    expect(headerIn(ask(router, '/none'), 'x-hit')).toBeUndefined();
  });

  it('find a page for an error by its status', () => {
    const router = site(
      [
        { src: '/gone', status: 410 },
        { handle: 'error' },
        { src: '/.*', dest: '/oops', status: 404 },
        { src: '/.*', dest: '/broken.html', status: 500 },
      ],
      ['broken.html'],
      ['oops'],
    );
    expect(ask(router, '/x?y=1')).toMatchObject({
      status: 404,
      page: { type: 'function', name: 'oops', target: '/x?y=1' },
    });
    expect(ask(router, '/gone')).not.toHaveProperty('page');
    expect(router.errorPage(null, 500)).toEqual({ type: 'static', file: 'broken.html' });
  });

  it('give a file the status that rules set', () => {
    const router = site([{ src: '/404', status: 404, continue: true }], ['404']);
    expect(ask(router, '/404')).toMatchObject({ type: 'static', status: 404 });
  });
});

describe('response transforms', () => {
  it('of the last rule that has any remain', () => {
    const transform = (args: string) => [
      { type: 'response.headers', op: 'set', target: { key: 'x-t' }, args },
    ];
    const rules = [
      { src: '/(.*)', transforms: transform('one'), continue: true },
      { src: '/a', transforms: transform('two'), continue: true },
      { src: '/(.*)', headers: { 'x-h': '1' }, continue: true },
    ];
    const values = (target: string) =>
      inService(rules, target).response.transforms.map(({ values: each }) => each);
    expect(values('/a')).toEqual([['two']]);
    expect(values('/b')).toEqual([['one']]);
  });
});
