import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';
import type { JsonObject, ServiceConfig } from '@svc/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nextBuilder } from '../src/index.ts';

const builder = nextBuilder({ install: '/tools/install.mjs', build: '/tools/build.mjs' });
let boundary: string;

beforeAll(async () => {
  boundary = await mkdtemp(join(tmpdir(), 'svc-next-'));
  await mkdir(join(boundary, 'apps/web'), { recursive: true });
});
afterAll(() => rm(boundary, { recursive: true, force: true }));

function request(packageJson: JsonObject | null, more: Partial<ServiceConfig> = {}): PlanRequest {
  const service: ServiceConfig = {
    name: 'web',
    root: 'web',
    bindings: [],
    functions: {},
    routes: [],
    declared: {},
    positions: {},
    local: { env: [], envFiles: [], inputs: [] },
    ...more,
  };
  return {
    service,
    directory: 'apps/web',
    paths: { boundary, root: join(boundary, 'apps/web') },
    framework: {
      slug: 'nextjs',
      name: 'Next.js',
      buildCommand: null,
      outputDirectory: null,
      cachePattern: '.next/cache/**',
      envPrefix: 'NEXT_PUBLIC_',
    },
    runtime: null,
    entrypoint: null,
    handler: null,
    files: ['package.json'],
    otherRoots: [],
    packageManager: null,
    packageJson,
    script: () => undefined,
  };
}

it('plans two steps: the builder is installed with the network, and builds without', async () => {
  const plan = await builder.plan(request({ dependencies: { next: '16.4.6' } }, { buildCommand: 'make' }));
  expect(plan).toMatchObject({
    ok: true,
    value: {
      entrypoint: 'package.json',
      caches: ['.next/cache'],
      steps: [
        {
          label: 'install the builder @vercel/next@23.0.0',
          network: true,
          command: { tool: 'next/install' },
        },
        {
          label: 'build with @vercel/next',
          network: false,
          command: {
            tool: 'next/build',
            input: { framework: 'nextjs', buildCommand: 'make', project: 'apps' },
          },
        },
      ],
      warnings: [],
    },
  });
});

it('says that Next.js is not installed, unless the workspace above has it', async () => {
  const missing = await builder.plan(request({ dependencies: {} }));
  expect(missing).toMatchObject({
    ok: false,
    failures: [
      {
        code: 'framework-not-installed',
        message: 'service "web" is a Next.js app, but web/package.json does not depend on "next"',
        help: expect.stringContaining('npm install next react react-dom'),
      },
    ],
  });
  await writeFile(join(boundary, 'package.json'), '{"devDependencies": {"next": "16"}}');
  expect((await builder.plan(request(null))).ok).toBe(true);
});

it('warns of settings that Next.js has its own word for', async () => {
  const functions = { 'app/**': { includeFiles: 'data/**' } };
  const plan = await builder.plan(request({ dependencies: { next: '16' } }, { functions }));
  expect(plan.ok && plan.value.warnings).toMatchObject([
    { code: 'functions-setting-unused', help: expect.stringContaining('outputFileTracingIncludes') },
  ]);
});
