import { finishHeaders, outputsOf } from '@svc/router';
import { describe, expect, it } from 'vitest';
import { ask, routerOf } from './support.ts';

describe('outputs', () => {
  const outputs = outputsOf({
    files: [
      'index.html',
      'about.html',
      'docs/index.html',
      'docs/guide.html',
      'data',
      '404.html',
      'feed',
      'a b.txt',
    ],
    functions: ['api/hello', 'shop/index', 'blog/[slug]'],
    prerenders: ['blog/one'],
    overrides: {
      'about.html': { path: 'about' },
      '404.html': { path: '/404', contentType: 'text/html; charset=utf-8' },
      feed: { contentType: 'application/xml' },
    },
  });
  const at = (path: string) => {
    const output = outputs.find(path);
    return output?.type === 'static' ? output.file : output?.name;
  };

  it.each([
    ['', 'index.html'],
    ['index.html', 'index.html'],
    ['docs', 'docs/index.html'],
    ['docs/', 'docs/index.html'],
    ['docs/guide.html', 'docs/guide.html'],
    ['about', 'about.html'],
    ['about/', 'about.html'],
    ['404', '404.html'],
    ['api/hello', 'api/hello'],
    ['shop', 'shop/index'],
    ['shop/index', 'shop/index'],
    ['blog/[slug]', 'blog/[slug]'],
    ['blog/one', 'blog/one'],
  ])('"%s" leads to %s', (path, wanted) => {
    expect(at(path)).toBe(wanted);
  });

  it.each([
    'about.html',
    '404.html',
    'docs/guide',
    'docs/guide.html/',
    'data/',
    'index',
    'API/hello',
    'constructor',
    '../x',
  ])('"%s" leads nowhere', path => {
    expect(at(path)).toBeUndefined();
  });

  it('carry the content type of an override', () => {
    expect(outputs.find('404')).toEqual({
      type: 'static',
      file: '404.html',
      contentType: 'text/html; charset=utf-8',
    });
    expect(outputs.find('feed')).toEqual({ type: 'static', file: 'feed', contentType: 'application/xml' });
  });

  it('keep a function at its folder beside a file named index', () => {
    const both = outputsOf({ files: ['index'], functions: ['index'] });
    expect(both.find('')).toEqual({ type: 'function', name: 'index' });
    expect(both.find('index')).toEqual({ type: 'static', file: 'index' });
  });

  it('are found by decoded names, and by written ones', () => {
    const router = routerOf({ files: ['a b.txt', 'café.txt', '100%.txt', 'x%20y.txt', 'sub/z'] });
    for (const [target, file] of [
      ['/a%20b.txt', 'a b.txt'],
      ['/caf%C3%A9.txt', 'café.txt'],
      ['/100%.txt', '100%.txt'],
      ['/x%20y.txt', 'x%20y.txt'],
      ['/x%2520y.txt', 'x%20y.txt'],
    ]) {
      expect(ask(router, target ?? '')).toMatchObject({ type: 'static', file });
    }
    for (const target of ['/sub%2Fz', '/sub%5Cz', '/sub\\z', '/sub/%2e%2e%2fz', '/a%20b.txt%00']) {
      expect(ask(router, target)).toMatchObject({ type: 'error', status: 404 });
    }
  });
});

describe('finished headers', () => {
  const none = { headers: [], transforms: [] };
  const ownHeaders = [
    ['Cache-Control', 'private'],
    ['Set-Cookie', 'a=1, b'],
    ['set-cookie', 'c=2'],
    ['x-list', 'one,two'],
  ] as const;

  it('are the own ones where no table has any', () => {
    expect(finishHeaders(none, ownHeaders)).toBe(ownHeaders);
  });

  it('keep what the code set, unless the table insists', () => {
    const header = (name: string, important: boolean) => ({ name, value: 'table', important });
    const rules = {
      ...none,
      headers: [header('cache-control', false), header('x-list', true), header('x-new', false)],
    };
    expect(finishHeaders(rules, ownHeaders)).toEqual([
      ['Cache-Control', 'private'],
      ['Set-Cookie', 'a=1, b'],
      ['set-cookie', 'c=2'],
      ['x-list', 'table'],
      ['x-new', 'table'],
    ]);
  });

  it('are transformed last', () => {
    const transform = (op: string, key: unknown, args?: unknown) => ({
      type: 'response.headers',
      op,
      target: { key },
      args,
    });
    const transforms = [
      transform('set', 'X-Made', 'made'),
      transform('append', 'x-list', ['three']),
      transform('delete', 'x-list', 'ONE'),
      transform('delete', { pre: 'Cache-' }),
      transform('append', 'set-cookie', 'd=3'),
      transform('set', { suf: 'absent' }, 'nothing to set'),
      transform('set', 'bad name', 'x'),
      transform('set', 'x-bad', 'line\nend'),
    ];
    const { response } = ask(routerOf({ routes: [{ src: '/', transforms }], files: ['index.html'] }), '/');
    expect(finishHeaders(response, ownHeaders)).toEqual([
      ['set-cookie', 'a=1, b'],
      ['set-cookie', 'c=2'],
      ['set-cookie', 'd=3'],
      ['x-list', 'two, three'],
      ['x-made', 'made'],
    ]);
  });
});
