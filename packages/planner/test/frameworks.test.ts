import { describe, expect, it } from 'vitest';
import { failuresOf, planOne } from './support/project.ts';

const imports = (name: string) => `import x from '${name}';\nexport default x;\n`;
const needs = (...names: string[]) => ({
  dependencies: Object.fromEntries(names.map(name => [name, '1.0.0'])),
});

describe('a folder with nothing but a root in the configuration', () => {
  const backends = {
    express: 'express',
    hono: 'hono',
    fastify: 'fastify',
    koa: 'koa',
    h3: 'h3',
    elysia: 'elysia',
    nestjs: '@nestjs/core',
  };
  for (const [slug, dependency] of Object.entries(backends)) {
    it(`is ${slug} by its dependency and an import of it`, async () => {
      const file = slug === 'nestjs' ? 'src/main.ts' : 'src/index.ts';
      const service = await planOne({ 'package.json': needs(dependency), [file]: imports(dependency) });
      expect(service).toMatchObject({ framework: { slug }, runtime: 'node', builder: { name: 'node' } });
      expect(service.detectedFrom).toBe(
        `dependency "${dependency}" in package.json and the content of ${file}`,
      );
      expect(service.entrypoint).toBe(file);
    });
  }

  it('is Node by a server file', async () => {
    const service = await planOne({ 'server.js': 'require("http").createServer().listen(3000)' });
    expect(service).toMatchObject({ framework: { slug: 'node' }, runtime: 'node', entrypoint: 'server.js' });
  });

  it('is Node by a handler in index.js beside a package.json', async () => {
    const service = await planOne({
      'package.json': {},
      'index.js': 'module.exports = (req, res) => res.end()',
    });
    expect(service).toMatchObject({
      framework: null,
      runtime: 'node',
      entrypoint: 'index.js',
      detectedFrom: 'index.js',
    });
  });

  const frontends: Record<string, string> = {
    vite: 'dist',
    astro: 'dist',
    'create-react-app': 'build',
    vue: 'dist',
    'docusaurus-2': 'null',
    gatsby: 'public',
    eleventy: '_site',
    angular: 'null',
    'sveltekit-1': 'public',
    parcel: 'dist',
  };
  const packages: Record<string, string> = {
    'create-react-app': 'react-scripts',
    vue: '@vue/cli-service',
    'docusaurus-2': '@docusaurus/core',
    eleventy: '@11ty/eleventy',
    angular: '@angular/cli',
    'sveltekit-1': '@sveltejs/kit',
  };
  for (const [slug, output] of Object.entries(frontends)) {
    it(`is ${slug} by its dependency`, async () => {
      const service = await planOne({ 'package.json': needs(packages[slug] ?? slug) });
      expect(service).toMatchObject({ framework: { slug }, runtime: null, builder: { name: 'static' } });
      expect(String(service.outputDirectory)).toBe(output);
    });
  }

  it('is Hugo by the content of its configuration', async () => {
    const service = await planOne({ 'config.toml': 'baseURL = "https://x.example"' });
    expect(service).toMatchObject({
      framework: { slug: 'hugo' },
      detectedFrom: 'the content of config.toml',
    });
  });

  it('is a folder of plain files', async () => {
    const service = await planOne({ 'index.html': '<h1>', 'app.js': 'alert(1)', 'a/b.css': '' });
    expect(service).toMatchObject({ framework: null, runtime: null, detectedFrom: 'plain files', steps: [] });
  });

  it('is a build by the script in package.json', async () => {
    const service = await planOne({ 'package.json': { scripts: { build: 'make' } }, 'src/page.md': '' });
    expect(service).toMatchObject({
      detectedFrom: 'the build script in package.json',
      outputDirectory: 'public',
    });
    expect(service.steps).toEqual(['it:build']);
  });
});

describe('several frameworks in one folder', () => {
  const cases: [string, Record<string, string | object>, string, string[]][] = [
    ['Next.js with vitest', { 'package.json': needs('next', 'vite') }, 'nextjs', ['vite']],
    [
      'Vite with Storybook',
      { 'package.json': needs('vite', 'storybook'), 'index.html': '' },
      'vite',
      ['storybook'],
    ],
    [
      'Express with vitest',
      { 'package.json': needs('express', 'vite'), 'src/app.ts': imports('express') },
      'express',
      ['vite'],
    ],
    [
      'a Vite page with an Express server for it',
      { 'package.json': needs('express', 'vite'), 'server.js': imports('express'), 'index.html': '' },
      'vite',
      ['express'],
    ],
    [
      'NestJS on Express',
      {
        'package.json': needs('@nestjs/core', 'express'),
        'src/main.ts': imports('@nestjs/core'),
        'src/app.ts': imports('express'),
      },
      'nestjs',
      [],
    ],
    ['SvelteKit on Vite', { 'package.json': needs('@sveltejs/kit', 'vite') }, 'sveltekit-1', []],
    [
      'Vite with VitePress',
      { 'package.json': needs('vite', 'vitepress'), 'index.html': '' },
      'vite',
      ['vitepress'],
    ],
    ['Storybook alone', { 'package.json': needs('storybook') }, 'storybook', []],
  ];
  const next = { name: 'next', version: '1', runtimes: ['next'], tools: {} };
  for (const [name, files, slug, others] of cases) {
    it(`${name}: ${slug}`, async () => {
      const { builders } = await import('./support/project.ts');
      const [first] = builders;
      if (!first) throw new Error('no builder');
      const withNext = [...builders, { ...first, ...next }];
      const service = await planOne(files as never, {}, { builders: withNext });
      expect(service.framework?.slug).toBe(slug);
      expect(service.alsoMatched).toEqual(others);
    });
  }
});

describe('a pinned framework', () => {
  it('is taken, and the folder is not looked at', async () => {
    const service = await planOne({ 'package.json': needs('next') }, { framework: 'vite' });
    expect(service).toMatchObject({
      framework: { slug: 'vite' },
      detectedFrom: '"framework" in vercel.json',
    });
  });

  it('is an error where its name is unknown, with the names that are near', async () => {
    const [failure, ...others] = await failuresOf({ 'index.html': '' }, { framework: 'next' });
    expect(others).toEqual([]);
    expect(failure).toMatchObject({
      code: 'framework-unknown',
      service: 'it',
      help: expect.stringContaining('Did you mean "nextjs"'),
      position: { file: 'vercel.json', line: 2 },
    });
  });

  it('is an error beside a runtime that it does not run on', async () => {
    const [failure] = await failuresOf({ 'main.py': '' }, { framework: 'express', runtime: 'python' });
    expect(failure?.code).toBe('framework-runtime-mismatch');
    const [other] = await failuresOf({ 'main.py': '' }, { framework: 'express', entrypoint: 'main:app' });
    expect(other?.code).toBe('framework-runtime-mismatch');
  });
});

describe('what svc cannot build yet', () => {
  const cases: [string, Record<string, string>, object, string][] = [
    ['FastAPI', { 'requirements.txt': 'fastapi', 'main.py': '' }, {}, 'runtime python'],
    ['module:attribute', { 'app/main.py': '' }, { entrypoint: 'app.main:app' }, 'runtime python'],
    ['a pinned Flask', { 'x.py': '' }, { framework: 'flask' }, 'runtime python'],
    [
      'a pyproject.toml entrypoint',
      { 'pyproject.toml': '' },
      { entrypoint: 'pyproject.toml' },
      'runtime python',
    ],
    ['Go by go.mod', { 'go.mod': '', 'main.go': '' }, {}, 'runtime go'],
    [
      'Go with an unusual main',
      { 'go.mod': '', 'cmd/x/main.go': '' },
      { buildCommand: 'go build -o server ./cmd/x' },
      'runtime go',
    ],
    ['Rust', { 'Cargo.toml': '', 'src/main.rs': '' }, {}, 'runtime rust'],
    ['Ruby', { Gemfile: '', 'config.ru': '' }, {}, 'runtime ruby'],
    ['a container', { Dockerfile: 'FROM x' }, { runtime: 'container' }, 'runtime container'],
    [
      'a container by its entrypoint',
      { 'Dockerfile.prod': '' },
      { entrypoint: 'Dockerfile.prod' },
      'runtime container',
    ],
    ['a folder with Dockerfile.vercel', { 'Dockerfile.vercel': '', 'pom.xml': '' }, {}, 'runtime container'],
    ['a folder with a Dockerfile and Java', { Dockerfile: '', 'pom.xml': '' }, {}, 'runtime container'],
    ['Next.js', { 'package.json': '{"dependencies":{"next":"1"}}' }, {}, 'framework Next.js'],
  ];
  for (const [name, files, entry, what] of cases) {
    it(`${name} fails for want of a builder for ${what}`, async () => {
      const failures = await failuresOf(files, entry);
      expect(failures).toMatchObject([{ code: 'runtime-unsupported', service: 'it' }]);
      expect(failures[0]?.message).toContain(`no builder for ${what} yet`);
    });
  }
});

describe('source code that no rule knows', () => {
  const cases: Record<string, Record<string, string>> = {
    PHP: { 'index.php': '<?php', 'composer.json': '{}' },
    'PHP beside a page': { 'index.html': '', 'admin/x.php': '<?php' },
    Java: { 'pom.xml': '', 'src/Main.java': '' },
    Elixir: { 'mix.exs': '' },
    '.NET': { 'api.csproj': '', 'Program.cs': '' },
    Deno: { 'deno.json': '{}', 'main.ts': '' },
    'a package without program or build': { 'package.json': '{}', 'lib/x.js': '' },
    'TypeScript without a package': { 'main.ts': '' },
    'a server script of an unusual name': {
      'index.html': '',
      'backend.js': "import http from 'node:http'; http.x()",
    },
    'a folder of nothing but ignored files': { '.vercel/x': '' },
  };
  for (const [name, files] of Object.entries(cases)) {
    it(`${name} is an error and never published`, async () => {
      const failures = await failuresOf(files);
      expect(failures).toMatchObject([{ code: 'framework-undetected', service: 'it' }]);
      expect(failures[0]?.help).toContain('"outputDirectory"');
    });
  }

  it('a package.json that is no JSON is named, and nothing is published', async () => {
    const failures = await failuresOf({
      'package.json': '{ "dependencies": ',
      'index.html': '',
      'main.js': '',
    });
    expect(failures).toMatchObject([{ code: 'framework-undetected', position: { file: 'package.json' } }]);
  });

  it('is settled by saying what to publish', async () => {
    const service = await planOne({ 'pom.xml': '', 'site/index.html': '' }, { outputDirectory: 'site' });
    expect(service).toMatchObject({
      builder: { name: 'static' },
      outputDirectory: 'site',
      builderData: { files: ['site/index.html'] },
    });
  });
});
