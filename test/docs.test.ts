import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FAILURE_CODES } from '@svc/contracts';
import { expect, it } from 'vitest';
import { REPOSITORY } from './support/repository.ts';

const read = (path: string) => readFileSync(join(REPOSITORY, path), 'utf8');

it('docs/failures.md tells about every failure', () => {
  const text = read('docs/failures.md');
  const missing = Object.values(FAILURE_CODES)
    .flat()
    .filter(code => !text.includes(`\`${code}\``));
  expect(missing).toEqual([]);
});

it.each([
  'README.md',
  'docs/architecture.md',
  'docs/configuration.md',
  'docs/isolation.md',
  'docs/writing-a-builder.md',
  'docs/caching.md',
])('the links of %s lead somewhere', page => {
  const links = [...read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(match => match[1] ?? '');
  for (const link of links) expect(() => read(join(dirname(page), link)), link).not.toThrow(/ENOENT/);
});

it('the paths that docs/architecture.md names are there', () => {
  const paths = [
    ...read('docs/architecture.md').matchAll(
      /`?((?:packages|builders|test|scripts)\/[\w./-]+\.(?:ts|mjs))`?/g,
    ),
  ].map(match => match[1] ?? '');
  expect(paths.length).toBeGreaterThan(8);
  for (const path of paths) expect(() => read(path), path).not.toThrow();
});
