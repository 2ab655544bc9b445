import { mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FinishRequest } from '@svc/builder-kit';
import { functionRoutes, mergeRoutes } from '@svc/builder-kit';
import { type Files, type ServiceFixture, writeFiles } from '@svc/builder-kit/test-support';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeBuilder } from '../src/index.ts';
import { buildService, bundlePrograms, type Programs, planRequest } from './support/build.ts';
import { launch } from './support/launch.ts';
import { readTree } from './support/tree.ts';

let programs: Programs;
let boundary: string;
beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rmSync(programs.folder, { recursive: true }));
beforeEach(() => {
  boundary = realpathSync(mkdtempSync(join(tmpdir(), 'svc-tracing-')));
  return () => rmSync(boundary, { recursive: true });
});

/** Builds a service, puts its sources out of reach, and gives its function's folder and tree. */
async function build(files: Files, fixture: Partial<ServiceFixture> = {}) {
  const project = join(boundary, 'project');
  writeFiles(join(project, 'apps/api'), files);
  const output = join(boundary, 'output');
  const built = await buildService(programs, project, output, { root: 'apps/api', ...fixture });
  if (!built.ok) throw new Error(JSON.stringify(built.failures, null, 2));
  renameSync(project, join(boundary, 'hidden'));
  const directory = join(output, 'functions/index.func');
  return { directory, tree: readTree(directory) };
}

async function answer(directory: string): Promise<string> {
  const running = await launch(programs.launcher, directory);
  try {
    return await (await fetch(running.origin)).text();
  } finally {
    await running.stop();
  }
}

describe('what is copied beside the bundle', () => {
  it('holds every file that an export condition of Node 20, 22 or 24 resolves to, nested or in a list', async () => {
    const { directory, tree } = await build({
      'server.js':
        "module.exports = (req, res) => res.end(require('dual').kind + require('dual/list/x').kind);",
      'node_modules/dual/package.json': JSON.stringify({
        name: 'dual',
        exports: {
          '.': {
            node: { 'module-sync': './sync.mjs', require: './main.cjs', import: './main.mjs' },
            default: './browser.js',
          },
          './list/*': [{ 'module-sync': './list/*.sync.mjs' }, './list/*.cjs'],
        },
      }),
      'node_modules/dual/sync.mjs': "import './deep.mjs';\nexport const kind = 'a';",
      'node_modules/dual/deep.mjs': '',
      'node_modules/dual/main.cjs': "exports.kind = 'a';",
      'node_modules/dual/main.mjs': "export const kind = 'a';",
      'node_modules/dual/browser.js': "window.kind = 'a';",
      'node_modules/dual/list/x.sync.mjs': "export const kind = 'b';",
      'node_modules/dual/list/x.cjs': "exports.kind = 'b';",
      'node_modules/other/index.js': '',
    });
    const copied = Object.keys(tree).filter(path => path.includes('node_modules/'));
    expect(copied.map(path => path.split('node_modules/')[1]).sort()).toEqual([
      'dual/deep.mjs',
      'dual/list/x.cjs',
      'dual/list/x.sync.mjs',
      'dual/main.cjs',
      'dual/main.mjs',
      'dual/package.json',
      'dual/sync.mjs',
    ]);
    expect(await answer(directory)).toBe('ab');
  });

  it('leaves out secrets and tests in folders that the program reads, and what excludeFiles names in packages', async () => {
    const { tree } = await build(
      {
        'src/index.js': `
const fs = require('fs');
const path = require('path');
require('big');
const files = fs.readdirSync(path.join(__dirname, 'data'));
module.exports = (req, res) => res.end(files.join());`,
        'src/data/a.txt': 'a',
        'src/data/.env.local': 'SECRET=1',
        'src/data/a.test.js': "require('nothing')",
        'node_modules/big/index.js': "require('./used'); require('./model');",
        'node_modules/big/used.js': '',
        'node_modules/big/model.js': '',
      },
      { functions: { 'src/index.js': { excludeFiles: 'node_modules/**/model.js' } } },
    );
    const paths = Object.keys(tree);
    expect(paths).toContain('apps/api/src/data/a.txt');
    expect(paths).toContain('apps/api/node_modules/big/used.js');
    expect(paths.filter(path => /\.env|\.test\.|model/.test(path))).toEqual([]);
  });

  it('keeps one copy of each own module when the program loads some of them by computed names', async () => {
    const { directory, tree } = await build({
      'package.json': '{ "type": "module" }',
      'tsconfig.json': '{ "compilerOptions": { "paths": { "#shared": ["./src/shared.ts"] } } }',
      'src/server.ts': `
import { names } from '#shared';
for (const name of ['a', 'b']) await import(\`./parts/\${name}.ts\`);
export default (req: unknown, res: { end(text: string): void }) => res.end(names.join());`,
      'src/shared.ts': 'export const names: string[] = [];',
      'src/parts/a.ts': "import { names } from '../shared.ts';\nnames.push('a');",
      'src/parts/b.ts': "import { names } from '#shared';\nnames.push('b');",
    });
    expect(Object.keys(tree).filter(path => path.endsWith('.ts'))).toEqual([]);
    expect(await answer(directory)).toBe('a,b');
  });

  it('lets a file other than the entrypoint start itself as a worker', async () => {
    const { directory } = await build({
      'server.js':
        "const { ask } = require('./ask');\nmodule.exports = async (req, res) => res.end(await ask());",
      'ask.js': `
const { isMainThread, parentPort, Worker } = require('worker_threads');
const { once } = require('events');
if (!isMainThread) parentPort.postMessage('from the worker');
exports.ask = async () => (await once(new Worker(__filename), 'message'))[0];`,
    });
    expect(await answer(directory)).toBe('from the worker');
  });

  it('has a source map whose sources are relative and hold what people wrote', async () => {
    const source =
      "export const at = import.meta.url;\nexport default (): never => { throw new Error('x'); };\n";
    const { tree } = await build({
      'src/server.ts': "export { default } from './lib.ts';\n",
      'src/lib.ts': source,
    });
    const map = JSON.parse(tree['apps/api/src/server.mjs.map'] ?? '') as {
      sources: string[];
      sourcesContent: string[];
    };
    expect(map.sources).toEqual(['lib.ts']);
    expect(map.sourcesContent).toEqual([source]);
    expect(tree['apps/api/src/server.mjs']).toMatch(/\n\/\/# sourceMappingURL=server\.mjs\.map\n$/);
  });
});

describe('names', () => {
  it('are those of the sources even where two files use the same', async () => {
    const { directory } = await build({
      'server.js':
        "const { User } = require('./a.mjs');\nconst b = require('./b.mjs');\nmodule.exports = (q, res) => res.end(User.name + b.User.name + b.find.name);",
      'a.mjs': 'export class User {}\nexport function find() {}\nfind();',
      'b.mjs': 'export class User {}\nexport const find = () => {};',
    });
    expect(await answer(directory)).toBe('UserUserfind');
  });

  it('cost nothing where they need no help, so that functions can be sent elsewhere as text', async () => {
    const { directory } = await build({
      'server.js':
        "const sent = () => { const inner = () => 7; return inner(); };\nmodule.exports = (q, res) => res.end(String(new Function('return (' + sent + ')()')()));",
    });
    expect(await answer(directory)).toBe('7');
  });
});

it('the finished service routes all that is no file to the function, and says which framework it runs', async () => {
  const { directory } = await build(
    {
      'server.js': "require('express');\nmodule.exports = () => {};",
      'node_modules/express/package.json': '{ "name": "express", "version": "5.1.2" }',
      'node_modules/express/index.js': '',
    },
    { slug: 'express' },
  );
  const { service } = planRequest(join(boundary, 'hidden'), { root: 'apps/api' });
  const request = { service, output: join(directory, '../..') } as FinishRequest;
  expect(await nodeBuilder({ bundle: programs.bundleTool }).finish(request)).toEqual({
    ok: true,
    value: {
      version: 3,
      routes: mergeRoutes([], functionRoutes('index')),
      framework: { slug: 'express', version: '5.1.2' },
    },
  });
});

it('writes the configuration that the vendor writes, with what functions says', async () => {
  const { tree } = await build(
    { 'server.js': 'module.exports = () => {}', 'package.json': '{ "engines": { "node": "20.x" } }' },
    {
      functions: {
        'nothing.js': { memory: 128 },
        '*.js': { memory: 512, maxDuration: 'max', regions: ['fra1'], architecture: 'arm64', runtime: 'x' },
        'server.js': { memory: 1024 },
      },
    },
  );
  expect(JSON.parse(tree['.vc-config.json'] ?? '')).toEqual({
    runtime: 'nodejs20.x',
    handler: 'apps/api/server.cjs',
    launcherType: 'Nodejs',
    architecture: 'arm64',
    environment: {},
    shouldAddHelpers: false,
    shouldAddSourcemapSupport: true,
    supportsResponseStreaming: true,
    awsLambdaHandler: '',
    memory: 512,
    maxDuration: 'max',
    regions: ['fra1'],
  });
});
