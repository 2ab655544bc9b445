import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadProject } from '@svc/config';
import type { Json } from '@svc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderWith } from './temporary-project.ts';

const conditions = [
  { type: 'header', key: 'a', value: { pre: 'x' } },
  { type: 'host', value: 'a' },
];
const routing = {
  headers: [{ source: '/(.*)', headers: [{ key: 'a', value: 'b' }], has: conditions }],
  redirects: [{ source: '/a/:b', destination: '/c/:b', permanent: true }],
  rewrites: [{ source: '/x/:y*', destination: '/z', missing: conditions }],
  routes: [
    { src: '/r', dest: '/s', transforms: [{ type: 'request.path', op: 'set', args: '/a' }] },
    { handle: 'hit' },
  ],
  cleanUrls: true,
};
const SOUND: Json = {
  services: {
    web: {
      root: 'web',
      command: ['a'],
      bindings: [{ service: 'web', format: 'url', env: 'A' }],
      functions: {
        '**': {
          memory: 128,
          maxDuration: 'max',
          experimentalTriggers: [{ type: 'queue/v2beta', topic: 't' }],
        },
      },
      ...routing,
    },
  },
  crons: [{ path: '/a', schedule: '* * * * *' }],
  images: { sizes: [1], remotePatterns: [{ hostname: 'a' }] },
  ...routing,
};

/** The same value with the part at a random place replaced. */
function mutated(value: Json, choose: (count: number) => number, replacement: Json): Json {
  const isComposite = typeof value === 'object' && value !== null;
  const keys = isComposite ? Object.keys(value) : [];
  const pick = choose(keys.length + 1);
  const key = keys[pick];
  if (!isComposite || key === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.map((entry: Json, index) => (index === pick ? mutated(entry, choose, replacement) : entry));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      name === key ? mutated(entry, choose, replacement) : entry,
    ]),
  );
}

const replacement = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    '',
    '/',
    '(',
    ':',
    '/:a',
    '/(.*',
    '..',
    '__proto__',
    [],
    {},
    [null],
    { a: 1 },
  ),
  fc.constantFrom<Json>(
    { service: 'web' },
    { service: 'constructor', path: '/:x' },
    { type: 'host' },
    { handle: 'miss' },
  ),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

describe('whatever stands in a configuration', () => {
  it('is either accepted or explained with its place, and never a crash', async () => {
    const folder = await folderWith({});
    const outcomes = { accepted: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(1000)), replacement, async (numbers, part) => {
        const config = mutated(SOUND, count => (numbers.next().value ?? 0) % count, part);
        await writeFile(join(folder, 'vercel.json'), JSON.stringify(config));
        const result = await loadProject(folder, { env: {} });
        outcomes[result.ok ? 'accepted' : 'refused'] += 1;
        if (result.ok) return;
        expect(result.failures.length).toBeGreaterThan(0);
        for (const failure of result.failures) expect(failure.position?.file).toBe('vercel.json');
      }),
      { numRuns: 600 },
    );
    expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(10);
  });
});
