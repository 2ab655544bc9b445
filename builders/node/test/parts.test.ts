import { functionRoutes, mergeRoutes } from '@svc/builder-kit';
import type { Route } from '@svc/contracts';
import { describe, expect, it } from 'vitest';
import { openComputedLoads } from '../src/bundle/computed.ts';
import { nodeMajor } from '../src/plan/node-version.ts';

describe('the version of Node', () => {
  it.each([
    [undefined, 22],
    ['', 22],
    ['*', 22],
    ['>=18', 22],
    ['20.x', 20],
    ['^20.11.0', 20],
    ['24', 24],
    ['>=18 <22', 20],
    ['>= 23.0.0', 24],
    ['<22.0.0', 20],
    ['<=22.5', 22],
    ['>22', 24],
    ['>22.1.0', 22],
    ['18 - 20', 20],
    ['18 || 20 || 24', 24],
    ['~20.9', 20],
    ['18.x', undefined],
    ['>=26', undefined],
  ])('for the range %s is %s', (range, major) => {
    expect(nodeMajor(range)).toBe(major);
  });
});

describe('the routes of a service', () => {
  it("end in the function's", () => {
    expect(mergeRoutes([], functionRoutes('index'))).toEqual([
      { handle: 'filesystem' },
      {
        src: '/(.*)',
        dest: '/index',
        transforms: [{ type: 'request.path', op: 'set', args: '/$1' }],
      },
    ]);
  });

  it("keep the user's before the function's in each phase", () => {
    const redirect: Route = { src: '/old', status: 308, headers: { Location: '/new' } };
    const rewrite: Route = { src: '/a', dest: '/b', check: true };
    const error: Route = { src: '/.*', dest: '/404.html', status: 404 };
    const user: Route[] = [redirect, { handle: 'filesystem' }, rewrite, { handle: 'error' }, error];
    expect(mergeRoutes(user, functionRoutes('index'))).toEqual([
      redirect,
      { handle: 'filesystem' },
      rewrite,
      functionRoutes('index')[1],
      { handle: 'error' },
      error,
    ]);
  });
});

describe('computed loads', () => {
  it.each([
    ["require('./a/' + name)", "require(String('./a/') + name)"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source code
    ['import(`./a/${name}.ts`)', 'import(String.raw`./a/${name}.js`)'],
    ['require.resolve("../" + name)', 'require.resolve(String("../") + name)'],
  ])('are hidden from the bundler: %s', (source, code) => {
    expect(openComputedLoads(source)).toEqual({ code, hasComputedLoads: true });
  });

  it.each(["require('./a')", 'import(`./a.js`)', "import('pkg/' + name)", "required('./a' + b)"])(
    'are not seen in %s',
    source => {
      expect(openComputedLoads(source)).toEqual({ code: source, hasComputedLoads: false });
    },
  );
});
