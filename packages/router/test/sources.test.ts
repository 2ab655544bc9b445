import type { Route } from '@svc/contracts';
import type { Rewrite } from '@vercel/routing-utils';
import routingUtils from '@vercel/routing-utils';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Random } from './random.ts';
import { ask, brief, FUNCTION, request, routerOf } from './support.ts';

/** What `@vercel/routing-utils` makes of these rewrites: the tables that configurations become. */
function compiled(rewrites: readonly Rewrite[]): readonly Route[] {
  const { routes, error } = routingUtils.getTransformedRoutes({ rewrites: structuredClone([...rewrites]) });
  if (error) throw new Error(error.message);
  return routes as readonly Route[];
}

const PIECES = [
  'a',
  'api',
  ':x',
  ':x*',
  ':x+',
  ':x?',
  '(.*)',
  ':n(\\d+)',
  ':w([a-z]{2,3})',
  'v:n(\\d+)',
  '(a|b)',
  'x.y',
  ':x-:y',
  '(?:a)b',
  '*',
] as const;
const SEGMENTS = ['a', 'b', 'api', '7', '42', 'v1', 'abc', 'x.y', 'a-b', 'ab', 'A', '%20', ''] as const;

function randomSource(random: Random): string {
  const pieces = random.list(3, () => random.pick(PIECES));
  // A name stands once in a source.
  const seen = new Set<string>();
  const kept = pieces.filter(piece => {
    const names = piece.match(/:[a-z]/g) ?? [];
    return names.every(name => !seen.has(name) && seen.add(name));
  });
  return `/${kept.join('/')}`;
}

function randomPath(random: Random): string {
  return `/${random.list(4, () => random.pick(SEGMENTS)).join('/')}`.replace(/\/{2,}/g, '/');
}

// The library compares two versions of its own dependency on the console.
beforeAll(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

afterAll(() => {
  vi.restoreAllMocks();
});

describe('compiled sources', () => {
  it('match what the expressions of the vendor match, with the same groups', () => {
    const random = new Random(64);
    let matched = 0;
    let compared = 0;
    while (compared < 5000) {
      const source = randomSource(random);
      const routes = vendorRoutes(source);
      if (!routes) continue;
      const [route] = routes.filter(each => 'src' in each);
      const src = String(route?.src);
      const groups = new RegExp(`${src}|`).exec('')?.length ?? 1;
      const marks = Array.from({ length: groups - 1 }, (_, index) => `<$${index + 1}>`).join('');
      const router = routerOf({ routes: [{ src, headers: { 'x-groups': marks }, continue: true }] });
      for (let count = 0; count < 10; count += 1) {
        const path = randomPath(random);
        const wanted = new RegExp(src).exec(path);
        const header = router.decide(request(path)).response.headers.find(({ name }) => name === 'x-groups');
        const text = wanted
          ?.slice(1)
          .map(group => `<${group ?? ''}>`)
          .join('');
        expect(header?.value, `${source} as ${src} on ${path}`).toBe(text);
        if (wanted) matched += 1;
        compared += 1;
      }
    }
    expect(matched).toBeGreaterThan(500);
  });

  it('decide among rewrites by the first that matches', () => {
    const random = new Random(65);
    for (let round = 0; round < 300; round += 1) {
      const sources = random.list(6, () => randomSource(random)).filter(source => vendorRoutes(source));
      const names = sources.map((_, index) => `s${'abcdefg'[index]}`);
      const rewrites = sources.map((source, index) => ({
        source,
        destination: { service: names[index] ?? '' },
      }));
      const routes = compiled(rewrites);
      const router = routerOf({ routes }, Object.fromEntries(names.map(name => [name, FUNCTION])));
      const expressions = routes.flatMap(route => ('src' in route ? new RegExp(String(route.src)) : []));
      for (let count = 0; count < 10; count += 1) {
        const path = randomPath(random);
        const first = expressions.findIndex(expression => expression.test(path));
        expect(brief(ask(router, path))).toBe(
          first === -1 ? '404 from nobody' : `${names[first]} sees ${path}`,
        );
      }
    }
  });

  it('fill a destination as the library numbers its groups', () => {
    const routes = compiled([{ source: '/str/:a/:b', destination: '/other' }]);
    const router = routerOf({ routes: [] }, { site: { routes, functions: ['other'] } });
    const decision = router.decideWithin('site', request('/str/1/2?x=3'));
    expect(decision).toMatchObject({ type: 'function', name: 'other', matchedQuery: 'a=1&b=2&x=3' });
  });
});

/** Undefined for a source that the library does not take. */
function vendorRoutes(source: string): readonly Route[] | undefined {
  const { routes, error } = routingUtils.getTransformedRoutes({
    rewrites: [{ source, destination: { service: 'web' } }],
  });
  return error ? undefined : (routes as readonly Route[]);
}
