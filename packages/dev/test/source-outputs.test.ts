import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sourceOutputs } from '../src/routing/source-outputs.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'svc-dev-sources-'));
  for (const file of ['index.html', 'src/main.js', 'public/logo.svg', 'about/index.html']) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '');
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

it.each([
  ['', true],
  ['index.html', true],
  ['src/main.js', true],
  ['logo.svg', true],
  ['about', true],
  ['@vite/client', true],
  ['_next/webpack-hmr', true],
  ['node_modules/.vite/deps/react.js', true],
  ['some/page', false],
  ['src', false],
  ['src/main.js/more', false],
  ['../secret', false],
  ['a\0b', false],
])('"%s" is there: %s', (path, isThere) => {
  expect(sourceOutputs(root, 'index').find(path) !== undefined).toBe(isThere);
});
