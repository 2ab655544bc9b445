import { createRouter } from '@svc/router';
import { describe, expect, it } from 'vitest';
import {
  type Asked,
  ask,
  brief,
  FUNCTION,
  FUNCTION_ROUTES,
  headerIn,
  request,
  routerOf,
  tableOf,
} from './support.ts';

/** `$TIER`, the same in braces, and one that no rule lists. */
const VARIABLES = `$TIER-$\{TIER}-$SECRET`;
const toApi = { type: 'service', service: 'api' };

/** A deployment of one function service behind these public rules. */
function decided(routes: readonly object[], target: string, asked: Asked = {}) {
  return ask(routerOf({ routes }, { api: FUNCTION }), target, asked);
}

/** A deployment whose only service has these rules of its own before the builder's. */
function inService(
  routes: readonly object[],
  target: string,
  asked: Asked = {},
  files: readonly string[] = [],
) {
  const api = { routes: [...routes, ...FUNCTION_ROUTES], functions: ['index'], files };
  return ask(routerOf({ routes: [{ src: '/(.*)', destination: toApi }] }, { api }), target, asked);
}

describe('conditions', () => {
  const met = (condition: object, target: string, asked: Asked = {}) =>
    brief(decided([{ src: '/(.*)', has: [condition], destination: toApi }], target, asked)) !==
    '404 from nobody';

  it.each([
    [{ eq: 'a' }, 'a', 'b'],
    [{ eq: 5 }, '5', '55'],
    [{ neq: 'a' }, 'b', 'a'],
    [{ inc: ['a', 'b'] }, 'b', 'ab'],
    [{ ninc: ['a', 'b'] }, 'ab', 'a'],
    [{ pre: 'ab' }, 'abc', 'cab'],
    [{ suf: 'ab' }, 'cab', 'abc'],
    [{ re: '^v\\d' }, 'v1.2', 'xv1'],
    [{ gt: 2 }, '3', '2'],
    [{ gte: 2 }, '2', '1'],
    [{ lt: 2 }, '1.5', 'x'],
    [{ lte: 2 }, '2', ''],
    [{ pre: 'a', suf: 'b' }, 'a-b', 'a-c'],
    ['a.c', 'abc', 'abcd'],
  ])('%j takes "%s" and not "%s"', (value, good, bad) => {
    const condition = { type: 'header', key: 'X-Thing', value };
    expect(met(condition, '/', { headers: { 'x-thing': good } })).toBe(true);
    expect(met(condition, '/', { headers: { 'x-thing': bad } })).toBe(false);
    expect(met(condition, '/')).toBe(false);
  });

  it('read cookies, decoded and unquoted, the first of a name', () => {
    const condition = { type: 'cookie', key: 'plan', value: 'a b' };
    expect(met(condition, '/', { headers: { cookie: 'x=1; plan="a%20b"; plan=c' } })).toBe(true);
    expect(met(condition, '/', { headers: { cookie: 'xplan=a%20b' } })).toBe(false);
  });

  it('read parameters, any of several values', () => {
    const condition = { type: 'query', key: 'k y', value: '2' };
    expect(met(condition, '/?k+y=1&k%20y=2')).toBe(true);
    expect(met(condition, '/?k+y=1')).toBe(false);
    expect(met({ type: 'query', key: 'k y', value: { neq: '2' } }, '/?k+y=1&k+y=2')).toBe(false);
  });

  it('compare a host without its port, or with it when it is written', () => {
    const host = (value: string) => met({ type: 'host', value }, '/', { host: 'Shop.example:3000' });
    expect([host('shop.example'), host('shop.example:3000'), host('shop.example:4000')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('fill destinations with what they captured, encoded for a URL', () => {
    const rule = {
      src: '/go',
      has: [{ type: 'query', key: 'to', value: '(?<where>[\\s\\S]*)' }],
      headers: { Location: '/at/$where?was=$where' },
      status: 307,
    };
    expect(brief(decided([rule], '/go?to=a%20b%2Fc%0d%0aX:1'))).toBe(
      '307 to /at/a%20b/c%0D%0AX%3A1?was=a%20b%2Fc%0D%0AX%3A1&to=a%20b%2Fc%0d%0aX:1',
    );
  });

  it('give a bare key as a name', () => {
    const rule = {
      src: '/u',
      has: [
        { type: 'header', key: 'x-user' },
        { type: 'cookie', key: 'id' },
      ],
      headers: { 'x-seen': '$id' },
      continue: true,
    };
    const decision = decided([rule, { src: '/(.*)', destination: toApi }], '/u', {
      headers: { 'x-user': 'u', cookie: 'id=7' },
    });
    expect(headerIn(decision, 'x-seen')).toBe('7');
  });

  it('of "missing" must not be met', () => {
    const rule = { src: '/', missing: [{ type: 'header', key: 'x-a', value: 'no' }], status: 204 };
    expect(brief(decided([rule], '/'))).toBe('204');
    expect(brief(decided([rule], '/', { headers: { 'x-a': 'yes' } }))).toBe('204');
    expect(brief(decided([rule], '/', { headers: { 'x-a': 'no' } }))).toBe('404 from nobody');
  });
});

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

describe('targets', () => {
  const all = [{ src: '/(.*)', destination: toApi }];

  it('are kept as they came', () => {
    for (const target of [
      '/a%20b',
      '/%C3%A9?x=%zz&y',
      '/a;b=c',
      '/%2F',
      '/a?',
      '/x?u=//y',
      '/%zz',
      '/a%00',
    ]) {
      expect(brief(decided(all, target))).toBe(`api sees ${target}`);
    }
  });

  it('lose dot segments before any rule sees them', () => {
    const rules = [{ src: '/admin/(.*)', status: 403 }, ...all];
    for (const target of [
      '/x/../admin/a',
      '/x/%2e%2E/admin/a',
      '/./admin/./a',
      '/admin/b/../a',
      '/../admin/a',
    ]) {
      expect(brief(decided(rules, target)), target).toBe('403 from nobody');
    }
    expect(brief(decided(all, '/a/b/..?x=/../y'))).toBe('api sees /a/?x=/../y');
    expect(brief(decided(all, '/..%2fa'))).toBe('api sees /..%2fa');
  });

  it('with repeated slashes are redirected when read and cleaned otherwise', () => {
    expect(brief(decided(all, '//a///b?x=//'))).toBe('308 to /a/b?x=//');
    expect(brief(decided(all, '//a', { method: 'HEAD' }))).toBe('308 to /a');
    expect(brief(decided(all, '//a///b?x=//', { method: 'POST' }))).toBe('api sees /a/b?x=//');
  });

  it('may be whole URLs, but not nothing', () => {
    expect(brief(decided(all, 'http://other.example/a?x=1'))).toBe('api sees /a?x=1');
    expect(brief(decided(all, 'http://other.example'))).toBe('api sees /');
    for (const target of ['*', '', 'a/b']) expect(brief(decided(all, target))).toBe('400 from nobody');
  });
});

describe('tables that cannot be used', () => {
  it('are refused with every rule that is wrong', () => {
    const routes = [
      { src: '^/(a)\\1$' },
      { src: '/(', status: 404 },
      { handle: 'nowhere' },
      { dest: '/x' },
      {
        src: '/a',
        has: [{ type: 'header' }, { type: 'nothing', key: 'a' }, { type: 'header', key: 'a', value: '(' }],
      },
      { src: '/a', has: [{ type: 'header', key: 'a', value: { around: 1 } }] },
      { src: '/a', transforms: [{ type: 'request.body', op: 'set' }] },
    ];
    const made = createRouter({
      public: tableOf({ routes }),
      services: { api: tableOf({ routes: [{ src: '[' }] }) },
    });
    expect(made.ok).toBe(false);
    expect(
      made.ok ? [] : made.failures.map(({ code, service, message }) => [code, service, message]),
    ).toMatchInlineSnapshot(`
      [
        [
          "deployment-invalid",
          undefined,
          "rule 0 of the public routing table, "^/(a)\\1$", has a source that refers back to what a group matched, so its matching cannot be bounded",
        ],
        [
          "deployment-invalid",
          undefined,
          "rule 1 of the public routing table, "/(", has a source that has a "(" without its ")"",
        ],
        [
          "deployment-invalid",
          undefined,
          "rule 2 of the public routing table, "nowhere", is a marker of no phase",
        ],
        [
          "deployment-invalid",
          undefined,
          "rule 3 of the public routing table, "", has no source",
        ],
        [
          "deployment-invalid",
          undefined,
          "rule 4 of the public routing table, "/a", has a header condition without a key",
        ],
        [
          "deployment-invalid",
          undefined,
          "rule 4 of the public routing table, "/a", has a condition of the unknown type "nothing"",
        ],
        [
          "deployment-invalid",
          undefined,
          "rule 4 of the public routing table, "/a", has a condition whose expression has a "(" without its ")"",
        ],
        [
          "deployment-invalid",
          undefined,
          "rule 5 of the public routing table, "/a", has a condition with the unknown operator "around"",
        ],
        [
          "deployment-invalid",
          undefined,
          "rule 6 of the public routing table, "/a", has an unknown transform: set request.body",
        ],
        [
          "deployment-invalid",
          "api",
          "rule 0 of the routing table of "api", "[", has a source that ends in the middle",
        ],
      ]
    `);
  });
});
