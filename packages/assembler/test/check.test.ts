import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assemble } from '../src/index.ts';
import { type Files, requestFor, serviceFiles, temporaryFolder } from './support/project.ts';
import { failuresIn, valueIn } from './support/results.ts';

const CONFIG = { 'config.json': '{"version":3}' };

function withFunction(config: object, files: Files = {}): Files {
  const inFunction = Object.entries(files).map(([path, content]) => [`functions/f.func/${path}`, content]);
  return {
    ...CONFIG,
    'functions/f.func/.vc-config.json': JSON.stringify(config),
    ...Object.fromEntries(inFunction),
  };
}

describe('a tree that would not run elsewhere', () => {
  const cases: Record<string, [files: Files, says: string[]]> = {
    'without config.json': [
      { 'static/index.html': '' },
      ['deployment-invalid: the build output of service "web" has no config.json'],
    ],
    'with another version': [
      { 'config.json': '{"version":2}' },
      ['deployment-invalid: the build output of service "web" has a config.json of version 2; it must be 3'],
    ],
    'with a config.json that is not JSON': [
      { 'config.json': '{' },
      ['deployment-invalid: the build output of service "web" has a config.json that is not a JSON object'],
    ],
    'with routes that are no list': [
      { 'config.json': '{"version":3,"routes":{}}' },
      [
        'deployment-invalid: the build output of service "web" has a config.json whose "routes" is not a list of rules',
      ],
    ],
    'with links that lead out, all of them named': [
      {
        ...CONFIG,
        'static/a': { link: '/etc/passwd' },
        'static/b': { link: '../../x' },
        'static/c': { link: 'c' },
      },
      [
        'output-escapes: the build output of service "web" holds the link static/a -> /etc/passwd, which leads out of the output',
        'output-escapes: the build output of service "web" holds the link static/b -> ../../x, which leads out of the output',
        'output-escapes: the build output of service "web" holds the link static/c -> c, which leads in a circle',
      ],
    ],
    'with a function without configuration': [
      { ...CONFIG, 'functions/f.func/index.js': '' },
      [
        'deployment-invalid: function functions/f.func of service "web" cannot be run: it has no .vc-config.json',
      ],
    ],
    'with a function that is a file': [
      { ...CONFIG, 'functions/f.func': '' },
      ['deployment-invalid: function functions/f.func of service "web" cannot be run: it is not a folder'],
    ],
    'with a link to no function': [
      { ...CONFIG, 'functions/f.func': { link: 'g.func' } },
      [
        'deployment-invalid: function functions/f.func of service "web" cannot be run: it is a link to functions/g.func, which is not a folder',
      ],
    ],
    'with a Node function without its handler': [
      withFunction({ runtime: 'nodejs22.x', handler: 'a.mjs', launcherType: 'Nodejs' }),
      [
        'deployment-invalid: function functions/f.func of service "web" cannot be run: its handler "a.mjs" is not in the folder',
      ],
    ],
    'with a Python function without its handler': [
      withFunction({ runtime: 'python3.12', handler: 'app.main.handler' }, { 'app.py': '' }),
      [
        'deployment-invalid: function functions/f.func of service "web" cannot be run: its handler "app.main.handler" is not in the folder (looked for app/main.py, app/main/__init__.py)',
      ],
    ],
    'with a program that is not executable': [
      withFunction({ runtime: 'executable', handler: 'server' }, { server: 'ELF' }),
      [
        'deployment-invalid: function functions/f.func of service "web" cannot be run: its handler "server" is not executable',
      ],
    ],
    'with an edge function without its entrypoint': [
      withFunction({ runtime: 'edge', entrypoint: 'index.js' }),
      [
        'deployment-invalid: function functions/f.func of service "web" cannot be run: its entrypoint "index.js" is not in the folder',
      ],
    ],
    'with files left in the checkout': [
      withFunction({ runtime: 'nodejs22.x', handler: 'a.js', filePathMap: { 'a.js': 'apps/web/a.js' } }),
      [
        'deployment-invalid: function functions/f.func of service "web" cannot be run: its "filePathMap" points at files of the checkout, so it would not run anywhere else',
      ],
    ],
  };

  it.each(Object.entries(cases))('%s is refused', async (_, [files, says]) => {
    const folder = await temporaryFolder();
    const request = requestFor(folder, { web: files });
    const failures = failuresIn(await assemble(request));
    expect(failures.map(({ code, message }) => `${code}: ${message}`)).toEqual(says);
    expect(failures.every(({ service }) => service === 'web')).toBe(true);
    expect(existsSync(request.target)).toBe(false);
    expect(existsSync(join(folder, 'work/web'))).toBe(true);
  });

  it('is named together with those of other services, and the last deployment stays', async () => {
    const folder = await temporaryFolder();
    const good = requestFor(folder, { web: serviceFiles('web'), api: serviceFiles('api') });
    valueIn(await assemble(good));
    const before = readFileSync(join(good.target, 'deployment.json'), 'utf8');
    const bad = requestFor(folder, { web: { 'static/a': '' }, api: { 'config.json': '[]' } });
    expect(failuresIn(await assemble(bad)).map(({ service }) => service)).toEqual(['web', 'api']);
    expect(readFileSync(join(good.target, 'deployment.json'), 'utf8')).toBe(before);
  });
});

describe('a tree that runs', () => {
  const cases: Record<string, Files> = {
    'a Python function': withFunction(
      { runtime: 'python3.12', handler: 'vc__handler__python.vc_handler' },
      { 'vc__handler__python.py': '' },
    ),
    'a Python package': withFunction(
      { runtime: 'python3.12', handler: 'app.main.handler' },
      { 'app/main/__init__.py': '' },
    ),
    'a Python module and its attribute': withFunction(
      { runtime: 'python3.12', handler: 'app.main:app' },
      { 'app/main.py': '' },
    ),
    'a program': withFunction(
      { runtime: 'executable', handler: 'server' },
      { server: { text: 'ELF', mode: 0o700 } },
    ),
    'a container': withFunction({ runtime: 'container', handler: 'registry.example/app@sha256:00' }),
    'a handler in the manner of AWS Lambda': withFunction(
      { runtime: 'nodejs22.x', handler: 'index.handler' },
      { 'index.mjs': '' },
    ),
    'a handler behind a link': withFunction(
      { runtime: 'nodejs22.x', handler: 'node_modules/a/index.js', launcherType: 'Nodejs' },
      { 'node_modules/a': { link: '.pnpm/a@1' }, 'node_modules/.pnpm/a@1/index.js': '' },
    ),
    'a link that leads nowhere inside': { ...CONFIG, 'static/later': { link: 'not-there' } },
    'a folder of redirects only': {
      'config.json': '{"version":3,"routes":[{"src":"/a","status":308,"headers":{"Location":"/b"}}]}',
    },
  };

  it.each(Object.entries(cases))('%s is accepted', async (_, files) => {
    const folder = await temporaryFolder();
    expect(await assemble(requestFor(folder, { web: files }))).toMatchObject({ ok: true });
  });
});

describe('two services', () => {
  it('cannot claim the same folder', async () => {
    const folder = await temporaryFolder();
    const request = requestFor(folder, { web: serviceFiles('web'), api: serviceFiles('api') });
    const [web] = request.outputs;
    if (!web) throw new Error('no output');
    const outputs = [web, { service: 'api', directory: web.directory }];
    expect(failuresIn(await assemble({ ...request, outputs }))).toMatchObject([
      { code: 'output-conflict', service: 'api' },
    ]);
  });
});
