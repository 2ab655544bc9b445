import { spawnSync } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb, failuresOf, makeProject, type Project, useAdapterPrograms } from './support/build.ts';
import { type Registry, startRegistry } from './support/registry.ts';

useAdapterPrograms();

/** Builders as people publish them: small CommonJS and ES packages. */
const BUILDERS: Readonly<Record<string, string>> = {
  // A community builder of version 2: several functions, one object under two names, files of every kind.
  'vercel-two': `
    const path = require('node:path');
    exports.version = 2;
    exports.build = async ({ files, entrypoint, workPath, repoRootPath, config, meta }) => {
      console.log('told ' + JSON.stringify({ entrypoint, config, files: Object.keys(files), skip: meta.skipDownload }));
      console.log('env ' + process.env.VERCEL + process.env.NOW_BUILDER + process.env.VERCEL_PROJECT_SETTINGS_BUILD_COMMAND);
      const shared = {
        type: 'Lambda', runtime: 'nodejs24.x', handler: 'web/index.js', launcherType: 'Nodejs', memory: 256,
        environment: { A: '1' }, supportsResponseStreaming: true,
        files: {
          'web/index.js': files['index.js'],
          'web/made.json': { type: 'FileBlob', mode: 0o100644, data: '{"made":true}' },
          'run.sh': { type: 'FileBlob', mode: 0o100755, data: '#!/bin/sh' },
          'web/.vercel/secret': { type: 'FileBlob', data: 'x' },
        },
      };
      return {
        output: {
          'index': shared,
          'api/other': shared,
          '/slashes//here/': { type: 'EdgeFunction', name: 'edge', deploymentTarget: 'v8-worker', entrypoint: 'e.js', files: { 'e.js': { type: 'FileBlob', data: 'export default 1' } } },
          'news': {
            type: 'Prerender', expiration: 60, group: 1, bypassToken: 't', allowQuery: [], lambda: shared,
            fallback: { type: 'FileBlob', mode: 0o100644, contentType: 'text/html; charset=utf-8', data: '<p>news</p>' },
            initialHeaders: { a: 'b' },
          },
          'about': { type: 'FileBlob', mode: 0o100644, contentType: 'text/html; charset=utf-8', data: '<p>about</p>' },
          'deep/page.html': files['page.html'],
        },
        routes: [{ handle: 'filesystem' }, { src: '/(.*)', dest: '/index' }],
        images: { sizes: [1] }, wildcard: [{ domain: 'a.b', value: '' }], crons: [{ path: '/c', schedule: '* * * * *' }],
        framework: { slug: 'two', version: '1.2.3' },
      };
    };`,
  'vercel-three': `
    export const version = 3;
    export async function build({ files, entrypoint, config }) {
      return { output: { type: 'Lambda', runtime: 'provided', handler: 'bootstrap', memory: 1024, files: { bootstrap: files['index.js'] } } };
    }`,
  'vercel-minus': `
    exports.version = -1;
    exports.build = async ({ files }) => ({ resultVersion: 3, result: {
      output: { type: 'EdgeFunction', deploymentTarget: 'v8-worker', entrypoint: './index.js', files: { 'index.js': files['index.js'] } },
      routes: [{ src: '/only', dest: '/index' }] } });`,
  'vercel-made': `
    const fs = require('node:fs'), path = require('node:path');
    exports.default = { version: 2, async build({ workPath }) {
      const out = path.join(workPath, '.out');
      const write = (name, data) => { fs.mkdirSync(path.dirname(path.join(out, name)), { recursive: true }); fs.writeFileSync(path.join(out, name), data); };
      write('config.json', JSON.stringify({ version: 3, routes: [{ src: '/a', dest: '/b' }], overrides: { 'x.html': { path: 'x' } } }));
      write('static/x.html', 'x');
      write('functions/f.func/.vc-config.json', JSON.stringify({ runtime: 'nodejs22.x', handler: 'web/index.js', launcherType: 'Nodejs', filePathMap: { 'web/index.js': 'web/index.js' } }));
      fs.symlinkSync('f.func', path.join(out, 'functions/g.func'));
      return { buildOutputPath: out, buildOutputVersion: 3, framework: { slug: 'made', version: '1.0.0' } };
    } };`,
  'vercel-zip': `
    const { execFileSync } = require('node:child_process');
    exports.version = 2;
    exports.build = async ({ workPath }) => {
      const script = 'import sys,zipfile;z=zipfile.ZipFile(sys.argv[1],"w");z.writestr("a/b.js","exports.x=1");i=zipfile.ZipInfo("run");i.external_attr=0o100755<<16;z.writestr(i,"#!");i=zipfile.ZipInfo("l");i.external_attr=0o120777<<16;z.writestr(i,"a/b.js");z.close()';
      execFileSync('python3', ['-c', script, workPath + '/z.zip']);
      return { output: { index: { type: 'Lambda', runtime: 'nodejs20.x', handler: 'a/b.js', zipBuffer: require('node:fs').readFileSync(workPath + '/z.zip') } } };
    };`,
  'vercel-links': `
    const fs = require('node:fs'), path = require('node:path');
    const ref = fsPath => ({ type: 'FileFsRef', fsPath, mode: fs.lstatSync(fsPath).mode });
    exports.version = 3;
    exports.build = async ({ workPath }) => {
      const at = name => path.join(workPath, name);
      fs.mkdirSync(at('store/pkg'), { recursive: true }); fs.mkdirSync(at('node_modules'), { recursive: true });
      fs.writeFileSync(at('store/pkg/index.js'), 'module.exports = require("./more")');
      fs.writeFileSync(at('store/pkg/more.js'), 'module.exports = "found"');
      fs.writeFileSync(at('main.js'), 'console.log(require("pkg"))');
      fs.writeFileSync(path.join(workPath, '../outside.txt'), 'outside');
      fs.symlinkSync('../store/pkg', at('node_modules/pkg'));
      fs.symlinkSync(path.join(workPath, '../outside.txt'), at('absolute.txt'));
      fs.symlinkSync('../../..', at('node_modules/far'));
      fs.symlinkSync('nowhere', at('dangling'));
      const names = ['main.js', 'store/pkg/index.js', 'node_modules/pkg', 'node_modules/pkg/more.js', 'absolute.txt', 'node_modules/far', 'dangling'];
      return { output: { type: 'Lambda', runtime: 'nodejs22.x', handler: 'main.js', launcherType: 'Nodejs', files: Object.fromEntries(names.map(name => [name, ref(at(name))])) } };
    };`,
  // What goes wrong.
  'vercel-throws': `
    class NowBuildError extends Error { constructor(o) { super(o.message); Object.assign(this, o, { name: 'NowBuildError', hideStackTrace: true }); } }
    exports.version = 3;
    exports.build = async () => { console.log('almost there'); throw new NowBuildError({ code: 'PHP_TOO_OLD', message: 'PHP 5 is too old.', link: 'https://example.com/php', action: 'Read about versions' }); };`,
  'vercel-exits': `exports.version = 3; exports.build = async () => { console.log('leaving'); process.exit(0); };`,
  'vercel-dies': `exports.version = 3; exports.build = async () => { process.kill(process.pid, 'SIGTERM'); await new Promise(() => {}); };`,
  'vercel-waits': `exports.version = 3; exports.build = () => new Promise(() => {});`,
  'vercel-hangs': `exports.version = 3; exports.build = () => new Promise(() => setInterval(() => {}, 1000));`,
  'vercel-crashes': `exports.version = 3; exports.build = () => new Promise(() => { setTimeout(() => { throw new TypeError('late trouble'); }, 5); });`,
  'vercel-old': `exports.version = 1; exports.build = async () => ({});`,
  'vercel-nothing': `module.exports = { hello: 1 };`,
  'vercel-void': `exports.version = 2; exports.build = async () => {};`,
  'vercel-weird': `exports.version = 2; exports.build = async () => ({ output: { a: { type: 'Spaceship' } } });`,
  'vercel-climbs': `exports.version = 2; exports.build = async () => ({ output: { '../../../stolen': { type: 'FileBlob', data: 'x' } } });`,
  'vercel-gone': `exports.version = 2; exports.build = async ({ workPath }) => ({ output: { a: { type: 'FileFsRef', mode: 0o100644, fsPath: workPath + '/gone' } } });`,
  'vercel-broken': `require('a-package-it-forgot');`,
};

let registry: Registry;
let project: Project;

beforeAll(async () => {
  registry = await startRegistry(
    Object.entries(BUILDERS).map(([name, source]) => ({
      name,
      version: '1.0.0',
      manifest: source.includes('export const') ? { type: 'module' } : {},
      files: { 'index.js': source },
    })),
  );
});
afterAll(() => registry.close());
afterEach(() => project.remove());

async function build(builder: string, more: Partial<Parameters<typeof buildWeb>[1]> = {}) {
  project = await makeProject({
    'web/index.js': 'module.exports = (req, res) => res.end("hi")',
    'web/page.html': '<p>page</p>',
    'web/.env.local': 'SECRET=1',
    'web/node_modules/x/index.js': '',
  });
  return buildWeb(project, { builder, registry: registry.url, ...more });
}

async function json(path: string): Promise<unknown> {
  return JSON.parse(await readFile(join(project.output, path), 'utf8'));
}

describe('what builders are told', () => {
  it('are sources, configuration and environment as the vendor gives them', async () => {
    const { printed } = await build('vercel-two', {
      entrypoint: 'index.js',
      buildCommand: 'make',
      functions: { 'index.js': { memory: 1 } },
    });
    const told = JSON.parse(/told (.*)/.exec(printed)?.[1] ?? '{}');
    expect(told).toEqual({
      entrypoint: 'index.js',
      config: {
        zeroConfig: true,
        workspace: 'web',
        functions: { 'index.js': { memory: 1 } },
        serviceName: 'web',
        projectSettings: { framework: null, buildCommand: 'make', installCommand: null },
        buildCommand: 'make',
      },
      files: ['index.js', 'page.html'],
      skip: true,
    });
    expect(printed).toContain('env 11make');
  });
});

describe('what builders return', () => {
  it('of version 2 becomes functions, links for shared ones, prerenders, edge functions and static files', async () => {
    const { result } = await build('vercel-two', {
      routes: [{ src: '^/mine$', dest: '/index' }],
      publicCleanUrls: true,
    });
    expect(result).toEqual({
      ok: true,
      value: {
        version: 3,
        routes: [
          { src: '^/mine$', dest: '/index' },
          { handle: 'filesystem' },
          { src: '/(.*)', dest: '/index' },
        ],
        images: { sizes: [1] },
        wildcard: [{ domain: 'a.b', value: '' }],
        crons: [{ path: '/c', schedule: '* * * * *' }],
        framework: { slug: 'two', version: '1.2.3' },
        overrides: {
          'about.html': { path: 'about', contentType: 'text/html; charset=utf-8' },
          'deep/page.html': { path: 'deep/page' },
        },
      },
    });
    expect(await json('functions/index.func/.vc-config.json')).toEqual({
      runtime: 'nodejs24.x',
      handler: 'web/index.js',
      launcherType: 'Nodejs',
      memory: 256,
      environment: { A: '1' },
      supportsResponseStreaming: true,
    });
    expect(await json('functions/index.func/web/made.json')).toEqual({ made: true });
    expect(existsSync(join(project.output, 'functions/index.func/web/.vercel'))).toBe(false);
    expect(readlinkSync(join(project.output, 'functions/api/other.func'))).toBe('../index.func');
    expect(readlinkSync(join(project.output, 'functions/news.func'))).toBe('index.func');
    expect(await json('functions/slashes/here.func/.vc-config.json')).toEqual({
      runtime: 'edge',
      name: 'edge',
      deploymentTarget: 'v8-worker',
      entrypoint: 'e.js',
    });
    expect(await json('functions/news.prerender-config.json')).toEqual({
      type: 'Prerender',
      expiration: 60,
      group: 1,
      bypassToken: 't',
      allowQuery: [],
      initialHeaders: { a: 'b' },
      fallback: { type: 'FileFsRef', mode: 0o100644, fsPath: 'news.prerender-fallback.html' },
    });
    expect(await readFile(join(project.output, 'functions/news.prerender-fallback.html'), 'utf8')).toBe(
      '<p>news</p>',
    );
    expect(await readFile(join(project.output, 'static/about.html'), 'utf8')).toBe('<p>about</p>');
  });

  it('of version 3 becomes the function "index" with a route to it and the settings that fit', async () => {
    const functions = {
      'lib/*.js': { memory: 1 },
      '*.js': { memory: 512, maxDuration: 20, includeFiles: 'x' },
    };
    const { result } = await build('vercel-three', { entrypoint: 'index.js', functions });
    expect(result.ok && result.value.routes).toMatchObject([
      { handle: 'filesystem' },
      { src: '/(.*)', dest: '/index' },
    ]);
    expect(await json('functions/index.func/.vc-config.json')).toEqual({
      runtime: 'provided',
      handler: 'bootstrap',
      memory: 512,
      maxDuration: 20,
      environment: {},
    });
  });

  it('of version -1 is what it says it is', async () => {
    const { result } = await build('vercel-minus');
    expect(result.ok && result.value.routes).toEqual([{ src: '/only', dest: '/index' }]);
    expect(await json('functions/index.func/.vc-config.json')).toMatchObject({
      runtime: 'edge',
      entrypoint: 'index.js',
    });
  });

  it('as a directory of Build Output is taken over whole, with the files that it only refers to', async () => {
    const { result } = await build('vercel-made');
    expect(result.ok && result.value).toEqual({
      version: 3,
      routes: [{ src: '/a', dest: '/b' }],
      overrides: { 'x.html': { path: 'x' } },
      framework: { slug: 'made', version: '1.0.0' },
    });
    expect(await readFile(join(project.output, 'functions/f.func/web/index.js'), 'utf8')).toContain('hi');
    expect(await json('functions/f.func/.vc-config.json')).not.toHaveProperty('filePathMap');
    expect(readlinkSync(join(project.output, 'functions/g.func'))).toBe('f.func');
  });

  it('as an archive is unpacked, programs and links included', async () => {
    expect((await build('vercel-zip')).result.ok).toBe(true);
    expect(await readFile(join(project.output, 'functions/index.func/l'), 'utf8')).toBe('exports.x=1');
    expect(spawnSync('test', ['-x', join(project.output, 'functions/index.func/run')]).status).toBe(0);
  });

  it('may link its files to one another: a link stays where it can and nothing that is listed is lost', async () => {
    expect((await build('vercel-links')).result.ok).toBe(true);
    const folder = join(project.output, 'functions/index.func');
    expect(readlinkSync(join(folder, 'node_modules/pkg'))).toBe('../store/pkg');
    expect(await readFile(join(folder, 'absolute.txt'), 'utf8')).toBe('outside');
    expect(existsSync(join(folder, 'node_modules/far'))).toBe(false);
    // The vendor's CLI drops more.js, which was listed through the link, and this program dies of it.
    const run = spawnSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8' });
    expect(run.stdout.trim()).toBe('found');
  });
});

describe('a builder that fails', () => {
  it.each<[string, string, RegExp, RegExp]>([
    [
      'vercel-throws',
      'build-failed',
      /could not build service "web": PHP 5 is too old \(PHP_TOO_OLD\)/,
      /Read about versions: https:\/\/example\.com\/php/,
    ],
    [
      'vercel-exits',
      'build-failed',
      /vercel-exits, the builder of service "web", ended its process, or waited/,
      /printed last/,
    ],
    ['vercel-waits', 'build-failed', /waited for something that never came/, /printed last/],
    ['vercel-dies', 'build-failed', /was ended by SIGTERM/, /printed last/],
    ['vercel-crashes', 'build-failed', /could not build service "web": late trouble/, /output below/],
    [
      'vercel-old',
      'builder-failed',
      /it exports "version" 1; svc runs builders of version 2, 3 and -1/,
      /contract/,
    ],
    ['vercel-nothing', 'builder-failed', /it exports no "build" function/, /contract/],
    ['vercel-void', 'builder-failed', /its build returned nothing/, /contract/],
    ['vercel-weird', 'builder-failed', /an output of type "Spaceship" for "a"/, /contract/],
    ['vercel-climbs', 'builder-failed', /outside of its own outputs/, /contract/],
    ['vercel-gone', 'builder-failed', /could not be written: ENOENT.*gone/, /not there any more/],
    [
      'vercel-broken',
      'builder-failed',
      /loading it failed: Cannot find module 'a-package-it-forgot'/,
      /contract/,
    ],
  ])('%s is named with the service and the cause', async (name, code, message, help) => {
    const [failure, ...others] = failuresOf(await build(name));
    expect(others).toEqual([]);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(failure?.help).toMatch(help);
  });

  it('shows what it printed last', async () => {
    const [failure] = failuresOf(await build('vercel-throws'));
    expect(failure?.output).toContain('almost there');
  });

  it('is stopped when it hangs', async () => {
    const [failure] = failuresOf(await build('vercel-hangs', { timeLimit: 1500 }));
    expect(failure?.message).toMatch(/did not finish within .* and was stopped/);
  });
});
