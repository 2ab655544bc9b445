import type { Position, Project } from '@svc/contracts';
import { describe, expect, it } from 'vitest';
import { load, loaded } from './temporary-project.ts';

const WANTED = {
  services: {
    web: { root: 'apps/web', framework: 'vite', functions: { 'src/*.ts': { memory: 512 } } },
    api: { root: 'api', bindings: [{ service: 'web', format: 'url', env: 'WEB_URL' }] },
  },
  rewrites: [
    { source: '/api/:path*', destination: { service: 'api' } },
    { source: '/(.*)', destination: { service: 'web' } },
  ],
};

const TOML = `
[services.web]
root = "apps/web"
framework = "vite"
functions."src/*.ts".memory = 512

[services.api]
root = "api"
bindings = [{ service = "web", format = "url", env = "WEB_URL" }]

[[rewrites]]
source = "/api/:path*"
destination = { service = "api" }

[[rewrites]]
source = "/(.*)"
[rewrites.destination]
service = "web"
`;

/** What does not depend on the file that it was written in. */
function content({ services, public: surface }: Project) {
  return { services: services.map(({ positions: _, ...rest }) => rest), surface };
}

function textAt(source: string, position: Position | undefined): string | undefined {
  if (!position) return undefined;
  const line = source.split('\n')[position.line - 1] ?? '';
  expect(position.lineText).toBe(line);
  return line.slice(position.column - 1, position.column - 1 + (position.length ?? 1));
}

const json = JSON.stringify(WANTED, null, 2);
const FORMATS: Readonly<Record<string, string>> = {
  'vercel.json': json,
  'vercel.jsonc': `// the services\n${json.replace('"vite",', '"vite", /* pinned */').replace(/\n\}$/, ',\n}')}`,
  'vercel.toml': TOML,
  'vercel.ts': `const config: object = ${json};\nexport default config;\n`,
  'vercel.mts': `type Config = object;\nexport const config: Config = ${json};\n`,
  'vercel.js': `export const { services, rewrites } = ${json};\n`,
  'vercel.mjs': `export default Promise.resolve(${json});\n`,
  'vercel.cjs': `module.exports = ${json};\n`,
};

describe('each format', () => {
  it.each(Object.keys(FORMATS))('%s gives the same project', async file => {
    const reference = await loaded({ 'vercel.json': WANTED });
    const project = await loaded({ [file]: FORMATS[file] ?? '' }, { PATH: process.env.PATH ?? '' });
    expect(project.configFile).toBe(file);
    expect(content(project)).toEqual(content(reference));
  });

  it.each(Object.keys(FORMATS))('%s gives each value its place', async file => {
    const source = FORMATS[file] ?? '';
    const { services } = await loaded({ [file]: source }, { PATH: process.env.PATH ?? '' });
    const [web, api] = services;
    expect(textAt(source, web?.positions.root)).toMatch(/^["']apps\/web["']$/);
    expect(textAt(source, web?.positions['functions.src/*.ts.memory'])).toBe('512');
    expect(textAt(source, web?.positions.name)).toMatch(/^"?web"?$/);
    expect(textAt(source, api?.positions['bindings.0.env'])).toMatch(/^["']WEB_URL["']$/);
  });
});

describe('a configuration that is a program', () => {
  it('may import its own files, read the environment, print, and hold functions', async () => {
    const project = await loaded(
      {
        'roots.ts': "export const root = (name: string): string => ['apps', name].join('/');\n",
        'vercel.ts': [
          "import { root } from './roots.ts';",
          "console.log('loading');",
          'export default {',
          '  services: { web: { root: root(process.env.WEB_NAME ?? "none") } },',
          '  helper: () => 1,',
          "  rewrites: [{ source: '/(.*)', destination: { service: 'web' } }],",
          '};',
        ].join('\n'),
      },
      { PATH: process.env.PATH ?? '', WEB_NAME: 'shop' },
    );
    expect(project.services[0]?.root).toBe('apps/shop');
  });

  it('knows its own place, and requires packages from there', async () => {
    const project = await loaded(
      {
        'node_modules/roots/package.json': { name: 'roots', main: 'index.js' },
        'node_modules/roots/index.js':
          "const { basename } = require('node:path'); exports.name = basename('/x/apps');",
        'vercel.cjs': [
          "const { existsSync } = require('node:fs');",
          "const { join } = require('node:path');",
          "const { name } = require(['ro', 'ots'].join(''));",
          "const root = existsSync(join(__dirname, 'vercel.cjs')) ? name : 'lost';",
          'module.exports = { services: { web: { root } } };',
        ].join('\n'),
      },
      { PATH: process.env.PATH ?? '' },
    );
    expect(project.services[0]?.root).toBe('apps');
  });

  it('gives computed values the place of the nearest thing written out', async () => {
    const source = [
      "const web = { root: '../outside' };",
      'export default {',
      '  services: { web },',
      '};',
    ].join('\n');
    const result = await load({ 'vercel.ts': source }, { PATH: process.env.PATH ?? '' });
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.failures[0]?.position?.line).toBe(3);
  });
});

describe('JSON', () => {
  it('may begin with a byte order mark', async () => {
    const project = await loaded({ 'vercel.json': `\uFEFF${json}` });
    expect(project.services).toHaveLength(2);
  });

  it('keeps the line numbers of files with Windows line ends', async () => {
    const result = await load({
      'vercel.json': '{\r\n  "services": {\r\n    "web": { "root": 5 }\r\n  }\r\n}\r\n',
    });
    expect(result).toMatchObject({
      ok: false,
      failures: [{ position: { line: 3, column: 22, lineText: '    "web": { "root": 5 }' } }],
    });
  });
});
