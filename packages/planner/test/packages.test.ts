import { describe, expect, it } from 'vitest';
import { packagePatterns } from '../src/packages/pnpm-workspace.ts';
import { type Files, planOk, planOne, tree } from './support/project.ts';

const withBuild = (extra: object = {}) => ({
  dependencies: { x: '1' },
  scripts: { build: 'make' },
  ...extra,
});

async function installOf(files: Files, entry = {}) {
  const plan = await planOk(tree(files), { it: entry });
  return { service: plan.services[0], install: plan.steps.find(({ kind }) => kind === 'install'), plan };
}

describe('the package manager of a single package', () => {
  const cases: [string, Files, string, object][] = [
    ['npm without a lockfile', {}, 'npm install', { name: 'npm', lockfile: null, decidedBy: 'default' }],
    ['npm', { 'package-lock.json': '{}' }, 'npm ci', { name: 'npm', decidedBy: 'package-lock.json' }],
    ['npm with a shrinkwrap', { 'npm-shrinkwrap.json': '{}' }, 'npm ci', { lockfile: 'npm-shrinkwrap.json' }],
    [
      'pnpm',
      { 'pnpm-lock.yaml': "lockfileVersion: '9.0'" },
      'pnpm install --frozen-lockfile',
      { name: 'pnpm', version: null },
    ],
    [
      'pnpm 8',
      { 'pnpm-lock.yaml': "lockfileVersion: '6.0'" },
      'pnpm install --frozen-lockfile',
      { version: '8' },
    ],
    [
      'Yarn 1',
      { 'yarn.lock': '# yarn lockfile v1' },
      'yarn install --frozen-lockfile',
      { name: 'yarn', version: '1' },
    ],
    [
      'Yarn by its lockfile',
      { 'yarn.lock': '__metadata:\n  version: 8' },
      'yarn install --immutable',
      { version: null },
    ],
    [
      'Yarn by packageManager',
      { 'yarn.lock': '', 'package.json': withBuild({ packageManager: 'yarn@4.1.0+sha512.abc' }) },
      'yarn install --immutable',
      { version: '4.1.0', decidedBy: '"packageManager" in package.json' },
    ],
    ['Bun', { 'bun.lock': '{}' }, 'bun install --frozen-lockfile', { name: 'bun' }],
    [
      'Bun with the yarn.lock that it writes',
      { 'bun.lockb': '', 'yarn.lock': '' },
      'bun install --frozen-lockfile',
      { name: 'bun' },
    ],
  ];
  for (const [name, files, command, manager] of cases) {
    it(`${name}: ${command}`, async () => {
      const { service, install, plan } = await installOf({ 'package.json': withBuild(), ...files });
      expect(install).toMatchObject({ id: 'it:install', service: 'it', cwd: '.', network: true });
      expect(install?.command).toEqual({ type: 'shell', line: command });
      expect(service?.packageManager).toMatchObject(manager);
      expect(plan.warnings.filter(({ code }) => code !== 'yarn-plug-and-play')).toEqual([]);
    });
  }

  it('says which of two lockfiles decides', async () => {
    const files = { 'package.json': withBuild(), 'yarn.lock': '', 'package-lock.json': '{}' };
    const { install, plan } = await installOf(files);
    expect(install?.label).toBe('yarn install --frozen-lockfile');
    expect(plan.warnings).toMatchObject([
      { code: 'several-lockfiles', message: expect.stringContaining('yarn.lock decides') },
    ]);
  });

  it('says that packageManager and the lockfile disagree', async () => {
    const { install, plan } = await installOf({
      'package.json': withBuild({ packageManager: 'pnpm@9.0.0' }),
      'package-lock.json': '{}',
    });
    expect(install?.label).toBe('pnpm install');
    expect(plan.warnings).toMatchObject([{ code: 'package-manager-conflict' }]);
  });

  it('takes the manager from a lockfile above, but installs without it', async () => {
    const plan = await planOk(tree({ 'pnpm-lock.yaml': '', 'a/package.json': withBuild() }), {
      it: { root: 'a' },
    });
    expect(plan.steps[0]).toMatchObject({ id: 'it:install', label: 'pnpm install', cwd: 'a' });
    expect(plan.services[0]?.packageManager).toMatchObject({ lockfile: null, decidedBy: 'pnpm-lock.yaml' });
  });
});

describe('when nothing has to be installed', () => {
  it('there is no step: no dependency and no script of the install, whatever the lockfile', async () => {
    const service = await planOne({
      'package.json': { scripts: { build: 'make' } },
      'package-lock.json': '{}',
    });
    expect(service).toMatchObject({ steps: ['it:build'], workspace: null });
  });

  it('a prepare script is reason enough', async () => {
    const service = await planOne({ 'package.json': { scripts: { build: 'make', prepare: 'gen' } } });
    expect(service.steps).toEqual(['it:install', 'it:build']);
  });

  it('there is no step for plain files beside a package.json', async () => {
    const service = await planOne({
      'package.json': { devDependencies: { prettier: '3' } },
      'index.html': '',
    });
    expect(service).toMatchObject({ steps: [], packageManager: null, detectedFrom: 'plain files' });
  });

  it('there is no step without any package.json', async () => {
    const service = await planOne({ 'page.md': '' }, { buildCommand: './make' });
    expect(service.steps).toEqual(['it:build']);
  });
});

describe('a workspace', () => {
  const files = (root: Files): Files => ({
    ...root,
    'apps/web/package.json': { ...withBuild(), name: 'web' },
    'apps/api/package.json': { name: 'api', dependencies: { hono: '4', '@x/shared': '*' } },
    'apps/api/src/index.ts': "import { Hono } from 'hono'; export default new Hono()",
    'packages/shared/package.json': {
      name: '@x/shared',
      main: 'index.js',
      devDependencies: { '@x/base': '*' },
    },
    'packages/shared/index.js': '',
    'packages/base/package.json': { name: '@x/base' },
    'alone/package.json': withBuild(),
    'docs/index.html': '',
  });
  const services = {
    web: { root: 'apps/web' },
    api: { root: 'apps/api' },
    alone: { root: 'alone' },
    docs: { root: 'docs' },
  };
  const kinds: [string, Files, string, string][] = [
    [
      'npm',
      { 'package.json': { workspaces: ['apps/*', 'packages/*'] }, 'package-lock.json': '{}' },
      'npm ci',
      'npm install',
    ],
    [
      'yarn',
      {
        'package.json': { workspaces: { packages: ['./apps/*/', 'packages/**'] } },
        'yarn.lock': '# yarn lockfile v1',
      },
      'yarn install --frozen-lockfile',
      'yarn install',
    ],
    [
      'pnpm',
      {
        'package.json': {},
        'pnpm-workspace.yaml': 'packages:\n  # ours\n  - "apps/*"\n  - packages/*\n',
        'pnpm-lock.yaml': '',
      },
      'pnpm install --frozen-lockfile',
      'pnpm install --ignore-workspace',
    ],
  ];
  for (const [name, root, shared, alone] of kinds) {
    it(`of ${name} installs once for all its services; others install for themselves`, async () => {
      const plan = await planOk(tree(files(root)), services);
      const installs = plan.steps.filter(({ kind }) => kind === 'install');
      expect(installs).toMatchObject([
        { id: 'install:.', service: null, services: ['web', 'api'], label: shared, cwd: '.', needs: [] },
        { id: 'alone:install', service: 'alone', services: ['alone'], label: alone, cwd: 'alone' },
      ]);
      // `npm ci` empties the folders that it finds, but leaves them.
      expect(installs[0]?.caches.includes('apps/api/node_modules')).toBe(shared !== 'npm ci');
      expect(plan.services.map(({ workspace }) => workspace)).toEqual(['.', '.', 'alone', null]);
      expect(plan.steps.find(({ id }) => id === 'web:build')?.needs).toEqual(['install:.']);
    });
  }

  it('makes the packages that a service depends on its inputs, through others too', async () => {
    const [, root = {}] = kinds[0] ?? [];
    const plan = await planOk(tree(files(root)), services);
    const [web, api] = plan.services;
    expect(web?.inputs.roots).toEqual(['apps/web']);
    expect(api?.inputs.roots).toEqual(['apps/api', 'packages/base', 'packages/shared']);
    expect(api?.inputs.files).toEqual(['package-lock.json', 'package.json']);
    expect(api?.inputs.count).toBe(7);
  });

  it('keeps the same step when only one of its services is asked for', async () => {
    const [, root = {}] = kinds[0] ?? [];
    const plan = await planOk(tree(files(root)), services, { filter: ['api'] });
    expect(plan.steps.map(({ id }) => id)).toEqual(['install:.', 'api:bundle']);
  });

  it('of a hundred services has one install', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `s${index}`);
    const packages = Object.fromEntries(
      names.map(name => [`${name}/package.json`, { ...withBuild(), name }]),
    );
    const root = tree({ 'package.json': { workspaces: ['s*'] }, 'package-lock.json': '{}', ...packages });
    const plan = await planOk(root, Object.fromEntries(names.map(name => [name, { root: name }])));
    expect(plan.steps.filter(({ kind }) => kind === 'install')).toHaveLength(1);
    expect(plan.steps).toHaveLength(101);
  });
});

describe('installCommand', () => {
  it('replaces the install and runs in the service, once for services that share folder and command', async () => {
    const root = tree({ 'package.json': withBuild(), 'package-lock.json': '{}' });
    const entry = { installCommand: 'npm i --omit=optional' };
    const own = await planOk(root, { a: entry });
    expect(own.steps[0]).toMatchObject({ id: 'a:install', label: entry.installCommand, service: 'a' });
    const shared = await planOk(root, { a: entry, b: entry, c: {} });
    expect(shared.steps.filter(({ kind }) => kind === 'install')).toMatchObject([
      { id: 'install:.', services: ['a', 'b'], service: null },
      { id: 'c:install', services: ['c'], label: 'npm ci' },
    ]);
  });
});

describe('workspace packages with a build of their own', () => {
  const files = (buildOfApp: string): Files => ({
    '.gitignore': 'dist\n',
    'package.json': { workspaces: ['*'] },
    'app/package.json': {
      name: 'app',
      scripts: { build: buildOfApp },
      dependencies: { ui: '*', plain: '*' },
    },
    'ui/package.json': {
      name: 'ui',
      scripts: { build: 'tsc', postbuild: 'copy # assets' },
      exports: {
        '.': { types: './dist/index.d.ts', default: './dist/index.js' },
        './package.json': './package.json',
      },
      dependencies: { core: 'workspace:*' },
    },
    'core/package.json': { name: 'core', main: 'dist/index', scripts: { build: 'tsc' } },
    'plain/package.json': { name: 'plain', main: './index', scripts: { build: 'tsc' } },
    'plain/index.js': '',
  });

  it('are built first, in order, where importers are sent to files that are not sources', async () => {
    const plan = await planOk(tree(files('make')), { app: { root: 'app' } });
    expect(plan.services[0]?.steps).toEqual(['install:.', 'app:build:core', 'app:build:ui', 'app:build']);
    expect(plan.steps[2]).toMatchObject({
      label: 'npm run build (ui)',
      cwd: 'ui',
      outputs: ['ui/dist'],
      needs: ['app:build:core'],
      command: { line: '(\ntsc\n) && (\nexport npm_lifecycle_event=postbuild\ncopy # assets\n)' },
    });
    expect(plan.services[0]?.inputs.roots).toEqual(['app', 'core', 'plain', 'ui']);
  });

  it('are left to a task runner that the build starts', async () => {
    const plan = await planOk(tree(files('turbo run build --filter app...')), { app: { root: 'app' } });
    expect(plan.services[0]?.steps).toEqual(['install:.', 'app:build']);
  });
});

describe('scripts of package.json', () => {
  it('run as one line with their hooks and the variables of npm', async () => {
    const scripts = { prebuild: 'clean', build: 'vite build', postbuild: 'report' };
    const plan = await planOk(tree({ 'package.json': { name: 'n', version: '1.2.3', scripts } }), { it: {} });
    expect(plan.steps).toMatchObject([
      {
        label: 'npm run build',
        env: {
          npm_command: 'run-script',
          npm_lifecycle_event: 'build',
          npm_lifecycle_script: 'vite build',
          npm_package_name: 'n',
          npm_package_version: '1.2.3',
        },
      },
    ]);
  });

  it("run without hooks under Yarn 2 and later, and through yarn under Plug'n'Play", async () => {
    const scripts = { prebuild: 'clean', build: 'vite build' };
    const base = { 'package.json': { scripts, dependencies: { vite: '6' } }, 'yarn.lock': '__metadata:' };
    const linked = await planOk(tree({ ...base, '.yarnrc.yml': 'nodeLinker: node-modules' }), { it: {} });
    expect(linked.steps[1]?.command).toEqual({ type: 'shell', line: 'vite build' });
    const plugged = await planOk(tree(base), { it: {} });
    expect(plugged.steps[1]?.command).toEqual({ type: 'shell', line: 'yarn run build' });
    expect(plugged.warnings).toMatchObject([{ code: 'yarn-plug-and-play', service: 'it' }]);
    const own = await planOk(tree(base), { it: { buildCommand: "vite build --base='/x'" } });
    expect(own.steps[1]?.command).toEqual({
      type: 'shell',
      line: "yarn exec 'vite build --base='\\''/x'\\'''",
    });
  });
});

describe('a pnpm-workspace.yaml', () => {
  it('is read in the forms that people write', () => {
    expect(packagePatterns('packages:\n- a/*\n- "b" # why\n\n- \'!c\'\ncatalog:\n  x: 1\n')).toEqual([
      'a/*',
      'b',
      '!c',
    ]);
    expect(packagePatterns('catalog: {}\npackages: [a, "b/**"]\n')).toEqual(['a', 'b/**']);
    expect(packagePatterns('packages: [\n  a,\n  b\n]')).toEqual(['a', 'b']);
    expect(packagePatterns('onlyBuiltDependencies:\n  - esbuild\n')).toEqual([]);
  });
});
