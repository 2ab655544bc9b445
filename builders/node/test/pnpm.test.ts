import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram, writeFiles } from '@svc/builder-kit/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildService, bundlePrograms, type Programs } from './support/build.ts';
import { type LaunchedFunction, launch } from './support/launch.ts';
import { readTree } from './support/tree.ts';

const FILES = {
  'package.json': '{ "name": "acme", "private": true }',
  'pnpm-workspace.yaml': 'packages:\n  - apps/*\n  - packages/*\n',
  'apps/api/package.json': JSON.stringify({
    name: 'api',
    type: 'module',
    dependencies: { '@acme/shared': 'workspace:*', ejs: '^3.1.0', express: '^5.0.0' },
    devDependencies: { '@types/koa': '^2.15.0' },
  }),
  'apps/api/tsconfig.json':
    '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }',
  'apps/api/src/server.ts': `
import express from 'express';
import { join } from 'node:path';
import { duration } from '@acme/shared';
import { kinds } from './typed.ts';
const app = express();
app.set('views', join(import.meta.dirname, 'views'));
app.set('view engine', 'ejs');
app.get('/', (req, res) => { res.json([duration(60_000), kinds]); });
app.get('/page', (req, res) => { res.render('page', { word: 'rendered' }); });
export default app;
`,
  // Koa has types here and nothing to load: the decorator's metadata must do without it.
  'apps/api/src/typed.ts': `
import { Context } from 'koa';
export const kinds: string[] = [];
const note = (...[target, key, index]: unknown[]): void => { kinds.push([typeof target, key, typeof index].join(' ')); };
export class Typed { @note handle(context: Context): void {} }
`,
  'apps/api/src/views/page.ejs': '<p><%= word %></p>',
  'packages/shared/package.json': JSON.stringify({
    name: '@acme/shared',
    version: '1.0.0',
    main: './src/index.ts',
    dependencies: { ms: '2.1.3' },
  }),
  'packages/shared/src/index.ts':
    "import ms from 'ms';\nexport const duration = (value: number): string => ms(value, { long: true });\n",
};

let programs: Programs;
let folder: string;
let running: LaunchedFunction;
const trees: Record<string, string>[] = [];

beforeAll(async () => {
  programs = await bundlePrograms();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'svc-pnpm-')));
  const places = [join(folder, 'first'), join(folder, 'a', 'second place')];
  const [first = '', second = ''] = places;
  writeFiles(first, FILES);
  const pnpm = fileURLToPath(new URL('../../../node_modules/.bin/pnpm', import.meta.url));
  const args = ['install', '--ignore-scripts', '--store-dir', join(folder, 'store')];
  const install = await runProgram(pnpm, args, first, { CI: 'true' });
  if (install.status !== 0) throw new Error(install.output);
  cpSync(first, second, { recursive: true, verbatimSymlinks: true });

  for (const [index, place] of places.entries()) {
    const output = join(folder, `output-${index}`);
    const built = await buildService(programs, place, output, { root: 'apps/api', slug: 'express' });
    if (!built.ok) throw new Error(JSON.stringify(built.failures, null, 2));
    trees.push(readTree(output));
    rmSync(place, { recursive: true });
  }
  running = await launch(programs.launcher, join(folder, 'output-0/functions/index.func'));
}, 120_000);

afterAll(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(programs.folder, { recursive: true, force: true });
});

describe('a service of a pnpm workspace', () => {
  it("bundles a workspace package and loads that package's own dependency", async () => {
    const answer = await fetch(`${running.origin}/`);
    expect(await answer.json()).toEqual(['1 minute', ['object handle object']]);
  });

  it('finds by name what pnpm hoists for packages, such as a view engine', async () => {
    const answer = await fetch(`${running.origin}/page`);
    expect(await answer.text()).toBe('<p>rendered</p>');
  });

  it('has only relative links that lead to something inside the function', () => {
    const tree = trees[0] ?? {};
    const links = Object.entries(tree).filter(([, content]) => content.startsWith('-> '));
    expect(links.length).toBeGreaterThan(5);
    for (const [path, content] of links) {
      const target = join(dirname(path), content.slice(3));
      expect(Object.keys(tree).some(each => each.startsWith(`${target}/`))).toBe(true);
    }
  });

  it('gives the same function wherever it is built, and no path of the machine', () => {
    expect(trees[1]).toEqual(trees[0]);
    const telling = Object.entries(trees[0] ?? {}).filter(([, content]) => content.includes(folder));
    expect(telling.map(([path]) => path)).toEqual([]);
  });
});
