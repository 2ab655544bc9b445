import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Files, type ServiceFixture, writeFiles } from '@svc/builder-kit/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeBuilder } from '../src/index.ts';
import { planRequest } from './support/build.ts';

let boundary: string;
beforeEach(() => {
  boundary = mkdtempSync(join(tmpdir(), 'svc-plan-'));
});
afterEach(() => rmSync(boundary, { recursive: true }));

async function plan(files: Files, fixture: Partial<ServiceFixture> = {}) {
  writeFiles(join(boundary, 'apps/api'), files);
  return nodeBuilder({ bundle: '/bundle.mjs' }).plan(planRequest(boundary, { root: 'apps/api', ...fixture }));
}

async function entrypoint(files: Files, fixture: Partial<ServiceFixture> = {}) {
  const result = await plan(files, fixture);
  return result.ok ? result.value.entrypoint : result.failures.map(failure => failure.code);
}

const EXPRESS = "import express from 'express';\nconst app = express();\n";

describe('the entrypoint', () => {
  it('is a usual file that imports the framework and exports the app', async () => {
    const files = { 'src/index.ts': `${EXPRESS}export default app;`, 'src/util.ts': EXPRESS };
    expect(await entrypoint(files, { slug: 'express' })).toBe('src/index.ts');
  });

  it('is looked for at the root before src, in the order of the usual names', async () => {
    const files = {
      'src/app.ts': `${EXPRESS}export default app;`,
      'server.js': `${EXPRESS}app.listen(1)`,
      'index.js': `${EXPRESS}module.exports = app`,
    };
    expect(await entrypoint(files, { slug: 'express' })).toBe('index.js');
  });

  it('is the file that listens rather than the one that only makes the app', async () => {
    const files = {
      'src/app.ts': `${EXPRESS}export { app };`,
      'src/server.ts': "import { app } from './app.js';\napp.listen(3000);",
    };
    expect(await entrypoint(files, { slug: 'express' })).toBe('src/server.ts');
  });

  it('is not a file whose default export only makes apps', async () => {
    const files = {
      'app.js':
        "const fastify = require('fastify');\nmodule.exports = function buildApp() { return fastify() };",
      'server.js': "require('./app')().listen({ port: 3000 });",
    };
    expect(await entrypoint(files, { slug: 'fastify' })).toBe('server.js');
  });

  it('is main before app for NestJS', async () => {
    const nest = "import { NestFactory } from '@nestjs/core';\n";
    const files = { 'src/app.ts': `${nest}export default 1`, 'src/main.ts': `${nest}app.listen(3000)` };
    expect(await entrypoint(files, { slug: 'nestjs' })).toBe('src/main.ts');
  });

  it('of plain Node is a file that exports a handler, server before the others', async () => {
    const files = {
      'index.js': 'module.exports = (req, res) => res.end();',
      'src/server.ts': 'export function GET() { return new Response(); }',
      'app.js': 'console.log(1)',
    };
    expect(await entrypoint(files)).toBe('src/server.ts');
  });

  it('takes what package.json starts back to its source', async () => {
    const files = {
      'package.json': '{ "scripts": { "start": "NODE_ENV=x node --enable-source-maps dist/http/boot.js" } }',
      'src/http/boot.ts': 'run()',
    };
    expect(await entrypoint(files)).toBe('src/http/boot.ts');
    expect(await entrypoint({ 'package.json': '{ "main": "lib.cjs" }', 'lib.cjs': '1' })).toBe('lib.cjs');
  });

  it('is what package.json names if only the build makes it', async () => {
    const files = { 'package.json': '{ "exports": { ".": "./dist/x.js" }, "scripts": { "build": "make" } }' };
    expect(await entrypoint(files)).toBe('dist/x.js');
    expect(await entrypoint({ 'package.json': '{ "exports": "./dist/x.js" }' })).toEqual([
      'entrypoint-not-found',
    ]);
  });

  it('is the configured one, whether it exists yet or not', async () => {
    const files = { 'src/index.ts': `${EXPRESS}export default app;` };
    const fixture = { slug: 'express', entrypoint: 'dist/main.js', buildCommand: 'make' };
    expect(await entrypoint(files, fixture)).toBe('dist/main.js');
  });

  it('is reported with all that was looked for when there is none', async () => {
    const result = await plan({ 'lib/x.js': '' }, { slug: 'koa' });
    if (result.ok) throw new Error('expected a failure');
    expect(result.failures[0]?.code).toBe('entrypoint-not-found');
    expect(result.failures[0]?.help).toContain('app, index, server, main, src/app, src/index');
  });

  it('cannot have the form that Python uses', async () => {
    expect(await entrypoint({ 'main.js': '' }, { entrypoint: 'main:app' })).toEqual(['entrypoint-invalid']);
  });
});

describe('the steps', () => {
  const files = {
    'package.json': '{ "scripts": { "build": "tsc", "vercel-build": "tsc -p x" } }',
    'server.js': 'module.exports = () => {}',
  };

  async function commands(fixture: Partial<ServiceFixture> = {}, sources: Files = files) {
    const result = await plan(sources, fixture);
    if (!result.ok) throw new Error(JSON.stringify(result.failures));
    return result.value.steps.map(({ kind, command }) => [
      kind,
      command.type === 'shell' ? command.line : command.tool,
    ]);
  }

  it('are the build command and then the bundling', async () => {
    expect(await commands({ buildCommand: 'make' })).toEqual([
      ['build', 'make'],
      ['bundle', 'node/bundle'],
    ]);
  });

  it("run the script that is the vendor's before the usual one", async () => {
    expect(await commands()).toEqual([
      ['build', 'tsc -p x'],
      ['bundle', 'node/bundle'],
    ]);
  });

  it('are the bundling alone where nothing is to be built', async () => {
    expect(await commands({}, { ...files, 'package.json': '{}' })).toEqual([['bundle', 'node/bundle']]);
  });

  it('tell the bundler where the project lies below the boundary', async () => {
    writeFiles(join(boundary, 'work/shop/apps/api'), { 'server.js': 'module.exports = 1' });
    const request = planRequest(boundary, { root: 'work/shop/apps/api' });
    const service = { ...request.service, root: 'apps/api' };
    const result = await nodeBuilder({ bundle: '/b' }).plan({ ...request, service });
    const command = result.ok ? result.value.steps.at(-1)?.command : undefined;
    expect(command).toMatchObject({ input: { project: 'work/shop' } });
  });
});

describe('functions', () => {
  const files = { 'src/server.js': 'module.exports = () => {}' };
  const position = { file: 'vercel.json', line: 3, column: 5 };

  it('are warned about when a key matches nothing, with its place', async () => {
    const fixture = {
      functions: { 'api/*.js': { memory: 256 }, 'src/*.js': { memory: 512 }, '**': { memory: 1024 } },
      positions: { 'functions.api/*.js': position },
    };
    const result = await plan(files, fixture);
    const warnings = result.ok ? result.value.warnings : [];
    expect(warnings.map(warning => [warning.code, warning.position])).toEqual([
      ['functions-key-unused', position],
      ['functions-key-unused', undefined],
    ]);
    expect(warnings[0]?.message).toContain('src/server.js');
    expect(warnings[1]?.message).toContain('"src/*.js" stands before it');
  });

  it('cannot ask for the edge runtime', async () => {
    const fixture = {
      functions: { 'src/server.js': { runtime: 'edge' } },
      positions: { 'functions.src/server.js': position },
    };
    const result = await plan(files, fixture);
    expect(result.ok ? [] : result.failures).toMatchObject([{ code: 'edge-unsupported', position }]);
  });

  it('cannot ask for it in their source either', async () => {
    const source = "// hello\nexport const config = { runtime: 'edge' };\nexport const GET = () => {};\n";
    const result = await plan({ 'server.ts': source });
    expect(result.ok ? [] : result.failures).toMatchObject([
      { code: 'edge-unsupported', position: { file: 'apps/api/server.ts', line: 2, column: 34 } },
    ]);
  });
});

it('an engines range that admits no supported Node is warned about', async () => {
  const files = { 'package.json': '{ "engines": { "node": "<16" } }', 'server.js': 'module.exports = 1' };
  const result = await plan(files);
  expect(result.ok ? result.value.warnings : []).toMatchObject([{ code: 'node-version-unsupported' }]);
});
