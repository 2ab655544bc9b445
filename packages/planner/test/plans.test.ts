import { cpSync, readFileSync, rmSync } from 'node:fs';
import type { JsonObject, Plan } from '@svc/contracts';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { type Files, gitInit, planOk, tree } from './support/project.ts';

type Services = Parameters<typeof planOk>[1];

const schema = JSON.parse(
  readFileSync(new URL('../plan.schema.json', import.meta.url), 'utf8'),
) as JsonObject;
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

const needs = (...names: string[]) => ({
  dependencies: Object.fromEntries(names.map(name => [name, '1.0.0'])),
});

/** Whole plans, each a shape found in the wild or a rule of detection; the snapshots are to be read. */
const PROJECTS: Record<string, { files: Files; services: Services }> = {
  'guide-express-and-vite': {
    files: {
      'frontend/package.json': { name: 'frontend', ...needs('vite'), scripts: { build: 'vite build' } },
      'frontend/index.html': '',
      'frontend/.env.production': 'VITE_A=1',
      'api/package.json': needs('express'),
      'api/package-lock.json': '{}',
      'api/index.js': "const app = require('express')(); module.exports = app",
    },
    services: { web: { root: 'frontend' }, api: { root: 'api' } },
  },
  'root-contains-the-other': {
    files: {
      'package.json': needs('vite'),
      'index.html': '',
      'server/package.json': needs('hono'),
      'server/src/index.ts': "import { Hono } from 'hono'; export default new Hono()",
    },
    services: { frontend: { root: '.', framework: 'vite' }, backend: { root: 'server' } },
  },
  'entrypoint-made-by-the-build': {
    files: {
      'package.json': { ...needs('express'), scripts: { build: 'tsc' } },
      'src/main.ts': "import express from 'express'",
      'tsconfig.json': {},
    },
    services: {
      backend: { framework: 'express', buildCommand: 'npm run build', entrypoint: 'dist/index.js' },
    },
  },
  'fastify-beside-vite': {
    files: {
      'pnpm-workspace.yaml': 'packages:\n  - "*"\n',
      'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
      'package.json': { private: true, packageManager: 'pnpm@10.2.0' },
      'tsconfig.base.json': {},
      'api/package.json': {
        name: 'api',
        ...needs('fastify'),
        scripts: { build: 'tsc', prebuild: 'rm -rf dist' },
      },
      'api/src/server.ts': "import fastify from 'fastify'; fastify().listen({ port: 3000 })",
      'web/package.json': { name: 'web', ...needs('vite') },
      'web/index.html': '',
    },
    services: {
      api: { root: 'api', framework: 'fastify', entrypoint: 'src/server.ts', buildCommand: 'npm run build' },
      web: { root: 'web', framework: 'vite' },
    },
  },
  'workspace-with-built-package': {
    files: {
      'package.json': { workspaces: ['apps/*', 'packages/*'] },
      'package-lock.json': '{}',
      '.npmrc': '',
      'apps/api/package.json': { name: 'api', dependencies: { hono: '4', '@acme/shared': '*' } },
      'apps/api/src/index.ts': "import { Hono } from 'hono'; export default new Hono()",
      'packages/shared/package.json': {
        name: '@acme/shared',
        main: './dist/index.js',
        scripts: { build: 'tsc' },
      },
      'packages/shared/src/index.ts': '',
    },
    services: { api: { root: 'apps/api' } },
  },
  'static-kinds': {
    files: {
      'docs/index.html': '',
      'docs/guide/index.html': '',
      'docs/private.pem': '',
      'made/generate.sh': '',
      'prebuilt/out/index.html': '',
      'public-folder/public/index.html': '',
      'public-folder/notes.txt': '',
    },
    services: {
      docs: { root: 'docs', cleanUrls: true },
      made: { root: 'made', buildCommand: './generate.sh', outputDirectory: './out/' },
      prebuilt: { root: 'prebuilt', outputDirectory: 'out' },
      folder: { root: 'public-folder' },
    },
  },
  'every-node-backend': {
    files: Object.fromEntries(
      ['express', 'hono', 'fastify', 'koa', 'h3', 'elysia'].flatMap(name => [
        [`${name}/package.json`, needs(name)],
        [`${name}/src/index.ts`, `import x from '${name}'; export default x`],
      ]),
    ),
    services: Object.fromEntries(
      ['express', 'hono', 'fastify', 'koa', 'h3', 'elysia'].map(name => [name, { root: name }]),
    ),
  },
  nestjs: {
    files: {
      'package.json': {
        name: 'nest',
        version: '0.0.1',
        dependencies: { '@nestjs/core': '11', '@nestjs/platform-express': '11', express: '5' },
        scripts: { build: 'nest build', start: 'node dist/main' },
      },
      'yarn.lock': '# yarn lockfile v1\n',
      'src/main.ts': "import { NestFactory } from '@nestjs/core'; NestFactory.create(App)",
    },
    services: { api: {} },
  },
  'plain-node': {
    files: {
      'server/server.js': "require('http').createServer().listen(3000)",
      'handler/package.json': {},
      'handler/index.js': 'module.exports = (req, res) => res.end()',
    },
    services: { server: { root: 'server' }, handler: { root: 'handler' } },
  },
  'frontends-by-dependency': {
    files: Object.fromEntries(
      [
        'astro',
        'gatsby',
        '@angular/cli',
        '@docusaurus/core',
        'react-scripts',
        '@vue/cli-service',
        'storybook',
      ].map(name => [`${name.replace(/[@/]/g, '')}/package.json`, needs(name)]),
    ),
    services: {
      astro: { root: 'astro' },
      gatsby: { root: 'gatsby' },
      angular: { root: 'angularcli' },
      docusaurus: { root: 'docusauruscore' },
      cra: { root: 'react-scripts' },
      vue: { root: 'vuecli-service' },
      storybook: { root: 'storybook' },
    },
  },
  'own-commands': {
    files: { 'w/package.json': { ...needs('vite') }, 'w/yarn.lock': '__metadata:\n', 'w/index.html': '' },
    services: {
      web: {
        root: 'w',
        installCommand: 'yarn --immutable --inline-builds',
        buildCommand: 'yarn build --mode staging',
        ignoreCommand: 'git diff --quiet HEAD^ -- .',
        outputDirectory: 'site',
      },
    },
  },
  'yarn-plug-and-play': {
    files: {
      'package.json': { ...needs('vite'), packageManager: 'yarn@4.9.0', scripts: { build: 'vite build' } },
      'yarn.lock': '__metadata:\n',
      'index.html': '',
    },
    services: { web: {} },
  },
};

describe('whole plans', () => {
  for (const [name, { files, services }] of Object.entries(PROJECTS)) {
    it(`${name}`, async () => {
      const plan = await planOk(tree(files), services);
      await expect(`${JSON.stringify(plan, null, 2)}\n`).toMatchFileSnapshot(`__snapshots__/${name}.json`);
      validate(JSON.parse(JSON.stringify(plan)));
      expect(validate.errors).toBeNull();
      expectInOrder(plan);
    });
  }

  it('do not depend on where the checkout lies, on git, or on the values of variables', async () => {
    for (const { files, services } of Object.values(PROJECTS)) {
      const first = tree(files);
      const second = `${first}-elsewhere`;
      cpSync(first, second, { recursive: true });
      try {
        gitInit(second);
        const plans = [
          await planOk(first, services, { env: { UNRELATED: '1' } }),
          await planOk(second, services, { env: { UNRELATED: '2' } }),
        ];
        expect(plans[1]).toEqual(plans[0]);
      } finally {
        rmSync(second, { recursive: true, force: true });
      }
    }
  });
});

describe('the schema of plans', () => {
  it('refuses what is no plan', async () => {
    const plan = JSON.parse(JSON.stringify(await planOk(tree({ 'index.html': '' }), { site: {} })));
    expect(validate(plan)).toBe(true);
    expect(validate({ ...plan, version: 2 })).toBe(false);
    expect(validate({ ...plan, services: [{ ...plan.services[0], directory: '/absolute' }] })).toBe(false);
    expect(validate({ ...plan, services: [{ ...plan.services[0], extra: 1 }] })).toBe(false);
  });
});

/** Every need is met by an earlier step, and every step of a service exists. */
function expectInOrder(plan: Plan): void {
  const seen = new Set<string>();
  for (const step of plan.steps) {
    for (const need of step.needs) expect([...seen]).toContain(need);
    expect([...seen]).not.toContain(step.id);
    seen.add(step.id);
  }
  for (const service of plan.services) for (const id of service.steps) expect([...seen]).toContain(id);
}
