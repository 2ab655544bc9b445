import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build, projectOf, REPOSITORY } from './support/cli.ts';

type Files = Record<string, string | object>;

const CONFIG = {
  services: {
    site: { root: 'apps/site', buildCommand: 'node build.cjs', outputDirectory: 'dist' },
    shop: { root: 'apps/shop', buildCommand: 'node build.cjs', outputDirectory: 'dist' },
  },
  rewrites: [
    { source: '/shop/:path*', destination: { service: 'shop' } },
    { source: '/(.*)', destination: { service: 'site' } },
  ],
};

// Uses a package from the registry and one from the workspace.
const BUILD = `
const isNumber = require('is-number');
const { greet } = require('@demo/greet');
require('node:fs').mkdirSync('dist', { recursive: true });
require('node:fs').writeFileSync('dist/index.html', greet(__dirname.split('/').pop()) + ' ' + isNumber(5));
`;

function workspace(root: object, reference: string, more: Files = {}): Files {
  const app = (name: string) => ({
    [`apps/${name}/package.json`]: {
      name,
      version: '1.0.0',
      private: true,
      dependencies: { 'is-number': '7.0.0', '@demo/greet': reference },
    },
    [`apps/${name}/build.cjs`]: BUILD,
  });
  return {
    '.gitignore': 'node_modules/\ndist/\n.svc/\n.vercel/\n',
    'vercel.json': CONFIG,
    'package.json': { name: 'demo', private: true, ...root },
    'packages/greet/package.json': { name: '@demo/greet', version: '1.0.0', main: 'index.js' },
    'packages/greet/index.js': `exports.greet = name => 'hello ' + name;\n`,
    ...app('site'),
    ...app('shop'),
    ...more,
  };
}

const workspaces = { workspaces: ['apps/*', 'packages/*'] };
const SHAPES: Record<string, { files: Files; lock: string[]; install: string }> = {
  npm: {
    files: workspace(workspaces, '*'),
    lock: ['npm', 'install', '--package-lock-only', '--no-audit', '--no-fund'],
    install: 'npm ci',
  },
  pnpm: {
    files: workspace({}, 'workspace:*', { 'pnpm-workspace.yaml': 'packages:\n  - apps/*\n  - packages/*\n' }),
    lock: ['pnpm', 'install', '--lockfile-only'],
    install: 'pnpm install --frozen-lockfile',
  },
  yarn: {
    files: workspace({ ...workspaces, packageManager: 'yarn@4.18.1' }, 'workspace:*', {
      '.yarnrc.yml': 'nodeLinker: node-modules\nenableTelemetry: false\n',
    }),
    lock: ['yarn', 'install', '--mode=update-lockfile'],
    install: 'yarn install --immutable',
  },
};

describe('package managers', () => {
  it.each(Object.entries(SHAPES))(
    '%s: a workspace installs once, from its lockfile, and both services build',
    async (name, { files, lock, install }) => {
      const project = await projectOf(files);
      const [program = '', ...args] = lock;
      execFileSync(program, args, {
        cwd: project,
        env: { ...process.env, PATH: withTools(), CI: '' },
        stdio: 'pipe',
      });
      const events = await build(project, [], { PATH: withTools() });
      const installs = events.filter(
        event => event.type === 'step.started' && event.step.startsWith('install:'),
      );
      expect(installs).toMatchObject([{ label: install, services: ['site', 'shop'] }]);
      for (const service of ['site', 'shop'])
        expect(page(project, service), name).toBe(`hello ${service} true`);
      expect(existsSync(join(project, 'node_modules'))).toBe(false);
    },
  );

  it('separate lockfiles install separately, each with its own package manager', async () => {
    const greet = (name: string) => ({
      [`apps/${name}/greet/package.json`]: { name: '@demo/greet', version: '1.0.0' },
      [`apps/${name}/greet/index.js`]: `exports.greet = name => 'hi ' + name;\n`,
    });
    const app = (name: string) => ({
      name,
      version: '1.0.0',
      private: true,
      dependencies: { 'is-number': '7.0.0', '@demo/greet': 'file:./greet' },
    });
    const project = await projectOf({
      '.gitignore': 'node_modules/\ndist/\n',
      'vercel.json': CONFIG,
      'apps/site/package.json': app('site'),
      'apps/site/build.cjs': BUILD,
      'apps/shop/package.json': app('shop'),
      'apps/shop/build.cjs': BUILD,
      ...greet('site'),
      ...greet('shop'),
    });
    execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
      cwd: join(project, 'apps/site'),
      stdio: 'pipe',
    });
    execFileSync('pnpm', ['install', '--lockfile-only', '--ignore-workspace'], {
      cwd: join(project, 'apps/shop'),
      env: { ...process.env, PATH: withTools() },
      stdio: 'pipe',
    });
    const events = await build(project, [], { PATH: withTools() });
    const labels = events.flatMap(event =>
      (event.type === 'step.started' && event.label.includes('install')) ||
      (event.type === 'step.started' && event.label.includes('npm ci'))
        ? [event.label]
        : [],
    );
    expect(labels.sort()).toEqual(['npm ci', 'pnpm install --frozen-lockfile']);
    expect([page(project, 'site'), page(project, 'shop')]).toEqual(['hi site true', 'hi shop true']);
  });

  it('a workspace of 50 services runs its install once', async () => {
    const names = Array.from(
      { length: 50 },
      (_, index) => `s${String.fromCharCode(97 + Math.floor(index / 25), 97 + (index % 25))}`,
    );
    const files: Files = {
      '.gitignore': 'node_modules/\ndist/\n',
      'vercel.json': {
        services: Object.fromEntries(
          names.map(name => [
            name,
            {
              root: `apps/${name}`,
              buildCommand: 'node -e "require(\'is-number\')" && mkdir dist && echo hi > dist/index.html',
              outputDirectory: 'dist',
            },
          ]),
        ),
        rewrites: names.map(name => ({ source: `/${name}`, destination: { service: name } })),
      },
      'package.json': { private: true, workspaces: ['apps/*'], scripts: { postinstall: 'echo POSTINSTALL' } },
    };
    for (const name of names)
      files[`apps/${name}/package.json`] = { name, version: '1.0.0', dependencies: { 'is-number': '7.0.0' } };
    const project = await projectOf(files);
    execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
      cwd: project,
      stdio: 'pipe',
    });
    const events = await build(project);
    const installs = events.filter(
      event => event.type === 'step.started' && event.step.startsWith('install'),
    );
    expect(installs).toHaveLength(1);
    expect(installs[0]).toMatchObject({ services: names });
    expect(events.filter(event => event.type === 'service.finished')).toHaveLength(50);
  });
});

function page(project: string, service: string): string {
  return readFileSync(join(project, '.vercel/output/services', service, 'static/index.html'), 'utf8');
}

/** pnpm and yarn come with this repository's own dependencies. */
function withTools(): string {
  return `${join(REPOSITORY, 'node_modules/.bin')}:${process.env.PATH}`;
}
