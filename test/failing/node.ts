import type { FailingProject } from './project.ts';
import { lockedRegistry, without } from './surroundings.ts';

const SERVER = 'export default (request, response) => response.end("hello");\n';
const manifest = (more: object = {}) => ({
  name: 'api',
  version: '1.0.0',
  private: true,
  type: 'module',
  ...more,
});
const lockfile = (packages: object = {}) => ({
  name: 'api',
  version: '1.0.0',
  lockfileVersion: 3,
  requires: true,
  packages: { '': { name: 'api', version: '1.0.0' }, ...packages },
});

export const nodeProjects: readonly FailingProject[] = [
  {
    name: 'npm: a dependency that the lockfile lacks',
    files: {
      'api/package.json': manifest({ dependencies: { 'is-number': '7.0.0' } }),
      'api/package-lock.json': lockfile(),
      'api/server.js': SERVER,
    },
    expected: {
      exit: 30,
      failures: [
        {
          code: 'install-failed',
          cause: /lockfile does not fit api\/package\.json: it lacks is-number@7\.0\.0/,
          wayOut: /npm install/,
        },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'npm: a dependency that does not exist',
    files: {
      'api/package.json': manifest({ dependencies: { '@svc-tests/no-such-package': '1.0.0' } }),
      'api/server.js': SERVER,
    },
    expected: {
      exit: 30,
      failures: [
        {
          code: 'install-failed',
          cause: /@svc-tests\/no-such-package/,
          wayOut: /package\.json/,
          file: 'api/package.json',
        },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'npm: a private registry without a password',
    files: {
      'api/package.json': manifest({ dependencies: { '@acme/internal': '1.0.0' } }),
      'api/server.js': SERVER,
    },
    surroundings: () => lockedRegistry(url => ({ npm_config_registry: url, npm_config_fetch_retries: '0' })),
    expected: {
      exit: 30,
      failures: [{ code: 'install-failed', cause: /401|password|log ?in|credentials/i, wayOut: /\.npmrc/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'npm: another version of Node is asked for',
    files: {
      'api/package.json': manifest({ engines: { node: '>=99' }, dependencies: { 'is-number': '7.0.0' } }),
      'api/.npmrc': 'engine-strict=true\n',
      'api/server.js': SERVER,
    },
    expected: {
      exit: 30,
      failures: [{ code: 'install-failed', cause: /Node|node/, wayOut: />=99/, file: 'api/package.json' }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'pnpm: not installed',
    files: {
      'api/package.json': manifest({ packageManager: 'pnpm@10.0.0', dependencies: { 'is-number': '7.0.0' } }),
      'api/server.js': SERVER,
    },
    surroundings: () => without(/^(pnpm|corepack)/),
    expected: {
      exit: 30,
      failures: [{ code: 'install-failed', cause: /pnpm/, wayOut: /npm install|corepack/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'a framework that is not among the dependencies',
    files: {
      'api/package.json': manifest(),
      'api/package-lock.json': lockfile(),
      'api/index.html': '<h1>api</h1>\n',
    },
    service: { framework: 'vite' },
    expected: {
      exit: 30,
      failures: [
        {
          code: 'build-failed',
          cause: /vite/,
          wayOut: /dependencies/,
          file: 'api/package.json',
        },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'a build script that fails',
    files: {
      'api/package.json': manifest({ scripts: { build: 'node build.js' } }),
      'api/build.js': 'console.error("no such theme: dark");\nprocess.exit(3);\n',
    },
    service: { outputDirectory: 'dist' },
    expected: {
      exit: 30,
      failures: [
        { code: 'build-failed', cause: /"npm run build" in api.*3/, wayOut: /cd api && npm run build/ },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'a build that is killed',
    files: { 'api/package.json': manifest() },
    service: { buildCommand: 'kill -9 $$', outputDirectory: 'dist' },
    expected: {
      exit: 30,
      failures: [{ code: 'build-failed', cause: /SIGKILL|killed/, wayOut: /memory/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'a build that runs out of memory',
    files: {
      'api/package.json': manifest(),
      'api/build.js': 'const all = [];\nfor (;;) all.push(new Array(1e6).fill(Math.random()));\n',
    },
    service: { buildCommand: 'node --max-old-space-size=60 build.js', outputDirectory: 'dist' },
    expected: {
      exit: 30,
      failures: [{ code: 'build-failed', cause: /memory/, wayOut: /NODE_OPTIONS/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'a build that leaves nothing',
    files: { 'api/package.json': manifest() },
    service: { buildCommand: 'mkdir out', outputDirectory: 'dist' },
    expected: {
      exit: 30,
      failures: [{ code: 'output-directory-missing', cause: /dist/, wayOut: /out/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Node: an entrypoint that is not there',
    files: { 'api/package.json': manifest(), 'api/server.js': SERVER },
    service: { entrypoint: 'sever.js' },
    expected: {
      exit: 20,
      failures: [
        { code: 'entrypoint-not-found', cause: /sever\.js/, wayOut: /server\.js/, file: 'vercel.json' },
      ],
      otherIsBuilt: false,
    },
  },
  {
    name: 'Node: an import that is not installed',
    files: {
      'api/package.json': manifest(),
      'api/package-lock.json': lockfile(),
      'api/server.js': `import express from 'express';\n${SERVER}`,
    },
    expected: {
      exit: 30,
      failures: [
        {
          code: 'bundle-failed',
          cause: /"express" is not installed/,
          wayOut: /package\.json/,
          file: 'api/server.js:1',
        },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'TypeScript: a mistake in the syntax',
    files: { 'api/package.json': manifest(), 'api/server.ts': `const a: = 1;\n${SERVER}` },
    expected: {
      exit: 30,
      failures: [{ code: 'bundle-failed', cause: /./, file: 'api/server.ts:1' }],
      otherIsBuilt: true,
    },
  },
];
