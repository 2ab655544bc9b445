import type { Builder } from '@svc/builder-kit';
import { failed, ok } from '@svc/contracts';
import { describe, expect, it } from 'vitest';
import { builders, failuresOf, nodeBuilder, plan, planOk, planOne, tree } from './support/project.ts';

const express = {
  'package.json': { dependencies: { express: '4' }, scripts: { build: 'tsc' } },
  'src/server.ts': "import express from 'express'; express().listen(3000)",
};

describe('the root of a service', () => {
  it('must exist; a misspelt one gets a suggestion', async () => {
    const result = await plan(tree({ 'apps/web/index.html': '' }), { web: { root: 'apps/wbe' } });
    expect(result).toMatchObject({
      ok: false,
      failures: [
        {
          code: 'root-not-found',
          service: 'web',
          help: 'Did you mean "apps/web"?',
          position: { file: 'vercel.json', line: 2 },
        },
      ],
    });
  });

  it('must be a folder', async () => {
    const result = await plan(tree({ 'web/index.html': '' }), { web: { root: 'web/index.html' } });
    expect(result).toMatchObject({
      failures: [{ code: 'root-not-directory', help: expect.stringContaining('"web"') }],
    });
  });

  it('may be shared by several services', async () => {
    const { services } = await planOk(tree({ 'x/index.html': '' }), { a: { root: 'x' }, b: { root: 'x' } });
    expect(services.map(({ directory }) => directory)).toEqual(['x', 'x']);
  });
});

describe('all failures', () => {
  it('of all services come at once', async () => {
    const result = await plan(tree({ 'a/pom.xml': '' }), {
      a: { root: 'a' },
      b: { root: 'b' },
      c: { root: 'a', framework: 'nope' },
      d: { root: 'a', runtime: 'nodejs22.x' },
    });
    const codes = result.ok ? [] : result.failures.map(({ code, service }) => `${service}: ${code}`);
    expect(codes).toEqual([
      'a: framework-undetected',
      'b: root-not-found',
      'c: framework-unknown',
      'd: runtime-unknown',
    ]);
  });

  it('of a runtime with a version name the runtime', async () => {
    const [failure] = await failuresOf({ x: '' }, { runtime: 'nodejs22.x' });
    expect(failure?.help).toMatch(/^Write "node"/);
  });
});

describe('an entrypoint', () => {
  it('decides the runtime by its ending, and its imports the framework', async () => {
    const service = await planOne(
      { ...express, 'deep/api.ts': "import 'express'; export default 1" },
      { entrypoint: './deep/api.ts' },
    );
    expect(service).toMatchObject({
      entrypoint: 'deep/api.ts',
      runtime: 'node',
      framework: { slug: 'express' },
    });
  });

  it('that does not exist is an error that names what is near', async () => {
    const [near] = await failuresOf(express, { entrypoint: 'src/sever.ts' });
    expect(near).toMatchObject({
      code: 'entrypoint-not-found',
      help: 'Did you mean "src/server.ts"?',
      position: { line: 2 },
    });
    const [elsewhere] = await failuresOf(express, { entrypoint: 'server.ts' });
    expect(elsewhere?.help).toBe('Did you mean "src/server.ts"?');
    const [module] = await failuresOf({ 'app/main.py': '' }, { entrypoint: 'main:app' });
    expect(module).toMatchObject({ code: 'entrypoint-not-found', help: 'Did you mean "app.main:app"?' });
  });

  it('may be a file that only the build makes', async () => {
    const service = await planOne(express, {
      framework: 'express',
      buildCommand: 'npm run build',
      entrypoint: 'dist/index.js',
    });
    expect(service).toMatchObject({
      entrypoint: 'dist/index.js',
      steps: ['it:install', 'it:build', 'it:bundle'],
    });
    const beside = await planOne({ ...express, 'index.ts': '' }, { entrypoint: 'index.js' });
    expect(beside.entrypoint).toBe('index.js');
    const withoutBuild = { 'package.json': {}, 'src/server.ts': '' };
    expect(await failuresOf(withoutBuild, { entrypoint: 'dist/index.js' })).toMatchObject([
      { code: 'entrypoint-not-found' },
    ]);
  });

  it('may be a folder with a program of a usual name', async () => {
    expect((await planOne(express, { entrypoint: 'src/' })).entrypoint).toBe('src/server.ts');
    const [failure] = await failuresOf({ 'a/x.ts': '' }, { entrypoint: 'a' });
    expect(failure?.code).toBe('entrypoint-invalid');
  });

  it('cannot lie outside the root, and module:attribute is for Python', async () => {
    expect(await failuresOf(express, { entrypoint: '../x.ts' })).toMatchObject([
      { code: 'entrypoint-invalid' },
    ]);
    expect(await failuresOf(express, { entrypoint: 'main:app', runtime: 'node' })).toMatchObject([
      { code: 'entrypoint-invalid' },
    ]);
    expect(await failuresOf({ 'x.txt': '' }, { runtime: 'container', entrypoint: 'x.txt' })).toMatchObject([
      { code: 'entrypoint-invalid' },
    ]);
    for (const image of [
      'nginx:1.27',
      'ghcr.io/acme/api',
      'nginx:latest',
      `registry.example.com:5000/a/b@sha256:${'0'.repeat(64)}`,
    ]) {
      const [failure] = await failuresOf(
        { Dockerfile: 'FROM x' },
        { runtime: 'container', entrypoint: image },
      );
      expect(failure).toMatchObject({
        code: 'entrypoint-invalid',
        help: expect.stringContaining(`FROM ${image}`),
      });
    }
    expect(
      await failuresOf({ Dockerfile: '' }, { runtime: 'container', entrypoint: 'Dokerfile' }),
    ).toMatchObject([{ code: 'entrypoint-not-found' }]);
    expect(await failuresOf({ 'x.txt': '' }, { runtime: 'container' })).toMatchObject([
      { code: 'entrypoint-not-found' },
    ]);
    expect(await failuresOf({ 'm.py': '' }, { runtime: 'node', entrypoint: 'm.py' })).toMatchObject([
      { code: 'framework-runtime-mismatch' },
    ]);
  });

  it('of module:attribute leads to the file and the attribute', async () => {
    const python: Builder = {
      ...nodeBuilder,
      name: 'python',
      runtimes: ['python'],
      plan: async request =>
        ok({
          entrypoint: request.entrypoint,
          outputDirectory: null,
          steps: [],
          caches: [],
          data: { handler: request.handler },
          warnings: [],
        }),
    };
    const service = await planOne(
      { 'app/main.py': '' },
      { entrypoint: 'app.main:api' },
      { builders: [...builders, python] },
    );
    expect(service).toMatchObject({
      entrypoint: 'app/main.py',
      handler: 'api',
      runtime: 'python',
      builderData: { handler: 'api' },
    });
  });
});

describe('nested roots', () => {
  it('a frontend at the top sees the backend below it, but is not judged by its files', async () => {
    const files = {
      'package.json': { dependencies: { vite: '6' } },
      'index.html': '',
      'server/package.json': express['package.json'],
      'server/src/server.ts': express['src/server.ts'],
    };
    const { services } = await planOk(tree(files), {
      frontend: { root: '.', framework: 'vite' },
      backend: { root: 'server' },
    });
    expect(services.map(({ framework }) => framework?.slug)).toEqual(['vite', 'express']);
    expect(services[0]?.inputs).toMatchObject({ roots: ['.'], files: [], count: 4 });
    expect(services[1]?.inputs).toMatchObject({ roots: ['server'], files: ['package.json'], count: 3 });
  });

  it('plain files at the top do not publish the service below them', async () => {
    const files = {
      'index.html': '',
      'a/page.html': '',
      'api/server.js': 'x.listen()',
      'api/readme.html': '',
    };
    const { services } = await planOk(tree(files), { site: { root: '.' }, api: { root: 'api' } });
    expect(services[0]?.builderData.files).toEqual(['a/page.html', 'index.html']);
  });

  it('a static service lies inside a package that another service ships', async () => {
    const files = { 'alpha/api/static/index.html': '', 'server.js': 'x.listen()' };
    const { services } = await planOk(tree(files), {
      web: { root: 'alpha/api/static' },
      backend: { root: '.' },
    });
    expect(services.map(({ detectedFrom }) => detectedFrom)).toEqual(['plain files', 'server.js']);
  });
});

describe('steps', () => {
  it('run in the order ignore, install, build, bundle', async () => {
    const { steps } = await planOk(tree(express), { it: { ignoreCommand: 'git diff --quiet' } });
    expect(steps.map(({ id, needs, kind }) => [id, kind, needs])).toEqual([
      ['it:ignore', 'ignore', []],
      ['it:install', 'install', ['it:ignore']],
      ['it:build', 'build', ['it:ignore', 'it:install']],
      ['it:bundle', 'bundle', ['it:build']],
    ]);
  });

  it('empty the output folder first, unless sources lie in it', async () => {
    const vite = { 'package.json': { dependencies: { vite: '6' } } };
    const made = await planOk(tree({ 'w/package.json': vite['package.json'] }), { it: { root: 'w' } });
    expect(made.steps.at(-1)).toMatchObject({
      outputs: ['w/dist'],
      caches: ['w/node_modules/.cache', 'w/node_modules/.vite'],
    });
    const mixed = await planOk(tree({ 'w/x.html': '', 'w/public/logo.svg': '' }), {
      it: { root: 'w', buildCommand: 'make' },
    });
    expect(mixed.steps).toMatchObject([{ id: 'it:build', outputs: [] }]);
  });

  it('keep what the framework wants to find again', async () => {
    const { steps } = await planOk(tree({ 'package.json': { dependencies: { gatsby: '5' } } }), { it: {} });
    expect(steps.at(-1)).toMatchObject({
      outputs: ['public'],
      caches: ['.cache', 'node_modules/.cache', 'node_modules/.vite'],
    });
  });
});

const nothingToDo: Builder['plan'] = async () =>
  ok({ entrypoint: null, outputDirectory: null, steps: [], caches: [], data: {}, warnings: [] });

describe('a builder', () => {
  const failing = (planOf: Builder['plan']) => ({ builders: [{ ...nodeBuilder, plan: planOf }] });

  it('that throws, or returns something else than a plan, fails its service by name', async () => {
    const thrown = await failuresOf(
      express,
      {},
      failing(async () => {
        throw new Error('boom');
      }),
    );
    expect(thrown).toMatchObject([
      { code: 'builder-failed', service: 'it', message: expect.stringContaining('boom') },
    ]);
    const nonsense = await failuresOf(
      express,
      {},
      failing(async () => ({ ok: true, value: { steps: 'all' } }) as never),
    );
    expect(nonsense).toMatchObject([{ code: 'builder-failed', service: 'it' }]);
  });

  it('gets its failures back with the name of the service', async () => {
    const own = failing(async () => ({ ok: false, failures: [{ code: 'edge-unsupported', message: 'no' }] }));
    expect(await failuresOf(express, {}, own)).toEqual([
      { code: 'edge-unsupported', message: 'no', service: 'it' },
    ]);
  });

  it('can be named in svc.json', async () => {
    const other = { ...nodeBuilder, name: './builders/mine', runtimes: [] };
    const entry = { local: { builder: './builders/mine' } };
    expect((await planOne(express, entry, { builders: [...builders, other] })).builder.name).toBe(
      './builders/mine',
    );
    expect(await failuresOf(express, entry)).toMatchObject([{ code: 'builder-not-found' }]);
    const php = { 'composer.json': '{}', 'index.php': '<?php', 'server.js': 'export default 1' };
    const known = await planOne(
      php,
      { ...entry, entrypoint: 'server.js' },
      { builders: [...builders, other] },
    );
    expect(known.builder.name).toBe('./builders/mine');
    const unknown = { ...other, plan: nothingToDo };
    const left = await planOne({ 'index.php': '<?php' }, entry, { builders: [...builders, unknown] });
    expect(left).toMatchObject({ runtime: null, detectedFrom: '"builder" in svc.json', steps: [] });
  });
});

describe('a builder from elsewhere', () => {
  const noSteps = async () =>
    ok({ entrypoint: null, outputDirectory: null, steps: [], caches: [], data: {}, warnings: [] });
  const lua = (asked: (string | null)[] = []): Builder => ({
    ...nodeBuilder,
    ...{ name: 'lua', runtimes: [], detects: ['index.lua', '*.lua'] },
    plan(request) {
      asked.push(request.entrypoint);
      return noSteps();
    },
  });
  const files = { 'a.lua': '', 'index.lua': '', 'page.html': '' };

  it('is found by the words with which svc.json names it, and gets the entrypoint that it detects', async () => {
    const asked: (string | null)[] = [];
    const plugins = new Map([['./tools/lua', ok(lua(asked))]]);
    const local = { builder: './tools/lua' };
    const planned = await planOne(files, { local }, { plugins });
    expect(planned).toMatchObject({
      builder: { name: 'lua' },
      detectedFrom: '"builder" in svc.json',
      runtime: null,
    });
    await planOne(files, { local, entrypoint: 'a.lua' }, { plugins });
    await planOne({ 'b.lua': '' }, { local }, { plugins });
    await planOne({ 'page.html': '' }, { local }, { plugins });
    expect(asked).toEqual(['index.lua', 'a.lua', 'b.lua', null]);
  });

  it('that is listed gets what svc knows no better than as files, and nothing else', async () => {
    const plugins = new Map([['lua', ok(lua())]]);
    const local = { builders: ['lua'] };
    const planned = await planOne(files, { local }, { plugins });
    expect(planned).toMatchObject({ builder: { name: 'lua' }, detectedFrom: 'index.lua' });
    expect((await planOne({ 'index.html': '' }, { local }, { plugins })).builder.name).toBe('static');
    const server = { ...files, 'server.js': 'export default 1' };
    expect((await planOne(server, { local, entrypoint: 'server.js' }, { plugins })).builder.name).toBe(
      'node',
    );
  });

  it('that cannot be had fails the services that need it, and only those', async () => {
    const told = { code: 'builder-failed', message: 'it cannot be loaded' } as const;
    const plugins = new Map([['lua', failed(told)]]);
    const failures = await failuresOf(files, { local: { builder: 'lua' } }, { plugins });
    expect(failures).toMatchObject([{ ...told, service: 'it' }]);
    const listed = await failuresOf(files, { local: { builders: ['lua'] } }, { plugins });
    expect(listed).toMatchObject([{ ...told, service: 'it' }]);
    expect(await failuresOf(express, { local: { builders: ['lua'] } }, { plugins })).toEqual([]);
  });
});

describe('a filter', () => {
  it('with an unknown name is an error with a suggestion', async () => {
    const result = await plan(tree({ 'index.html': '' }), { web: {} }, { filter: ['wep'] });
    expect(result).toMatchObject({
      failures: [{ code: 'unknown-service-filter', help: 'Did you mean "web"?' }],
    });
  });
});
