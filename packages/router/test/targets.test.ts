import { createRouter } from '@svc/router';
import { describe, expect, it } from 'vitest';
import { brief, decided, tableOf, toApi } from './support.ts';

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
