import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CachedProject, cachedProject, git } from './cached-project.ts';
import { temporaryFolder } from './cli.ts';

/**
 * What the random edits of `test/cache-campaign.test.ts` happen to: services of all kinds that build within moments, in an
 * npm workspace whose lockfile is real and whose dependencies all lie in the repository, so that no network is needed.
 */
export interface World {
  readonly project: CachedProject;
  readonly folder: string;
  /** Folders on the PATH, the first before the second. Not beside the project, which steps see by itself. */
  readonly tools: { readonly first: string; readonly second: string };
  /** The caller's variables. */
  readonly env: Record<string, string>;
  /** What the manifests of the workspace's members name. */
  readonly dependencies: Record<Member, Record<string, string>>;
}

type Member = 'web' | 'api' | 'docs';

/** Services whose builds write down all that they can see: whatever a key forgets shows in their output. */
export const WATCHFUL = ['web', 'api'] as const;
/** Services that make use of their own sources and of what they depend on, as most do. */
export const TYPICAL = ['docs', 'pages', 'site'] as const;
export const SERVICES = [...WATCHFUL, ...TYPICAL];

/** Versions of the package `left` that lie in `vendor`. */
export const LEFT_VERSIONS = ['1.0.0', '1.1.0', '2.0.0'] as const;

/** Everything in reach but what svc says that it leaves out: the configuration itself, and version control. */
const WATCHFUL_BUILD = `import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
const leftOut = new Set(['.git', '.svc', '.vercel', 'vercel.json', 'svc.json', '.gitignore', '.cache']);
const lines = [];
function show(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder + '/' + entry.name;
    if (leftOut.has(entry.name)) continue;
    if (entry.isSymbolicLink()) lines.push(path + ' -> ' + readlinkSync(path));
    else if (entry.isDirectory()) { lines.push(path + '/'); show(path); }
    else lines.push(path + (statSync(path).mode & 0o111 ? ' x ' : ' ') + shown(readFileSync(path)));
  }
}
const shown = content => content.length < 100 ? content.toString('latin1') : createHash('sha1').update(content).digest('hex');
show('../..');
const { COLOR, EXTRA, UNRELATED, CI } = process.env;
mkdirSync('dist', { recursive: true });
writeFileSync('dist/index.html', JSON.stringify({ lines, COLOR, EXTRA, UNRELATED, CI, tool: execFileSync('our-tool').toString() }, null, 1));
`;

const TYPICAL_BUILD = `import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import left from 'left';
mkdirSync('dist', { recursive: true });
cpSync('src', 'dist/src', { recursive: true, verbatimSymlinks: true });
writeFileSync('dist/index.html', left + '\\n');
`;

/** A builder that publishes the names and contents of a service's files, with a word of its own. */
export function builderCode(version: string, word: string): string {
  return `import { defineBuilder, ok } from 'svc/builder-kit';
import { ending } from './lib/ending.mjs';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
export default defineBuilder({
  name: 'stamp', version: '${version}', detects: ['*.md'], tools: {},
  async plan({ files, entrypoint }) { return ok({ entrypoint, outputDirectory: null, steps: [], caches: [], data: { files }, warnings: [] }); },
  async finish({ plan, view, output }) {
    mkdirSync(output + '/static', { recursive: true });
    const lines = [];
    for (const file of plan.builderData.files) {
      const path = await view.locate(plan.directory + '/' + file);
      const { kind } = await view.stat(plan.directory + '/' + file);
      lines.push(file + ' ' + (path && kind === 'file' ? readFileSync(path, 'latin1') : kind));
    }
    writeFileSync(output + '/static/index.html', '${word} ' + '${version}' + ending + lines.join(''));
    return ok({ version: 3, routes: [] });
  },
});
`;
}

/** The project, built into a repository of its own; with a cache folder of its own, and nothing built yet. */
export async function campaignProject(): Promise<World> {
  const tools = await temporaryFolder();
  const service = (name: string, more: object = {}) => ({ root: `apps/${name}`, ...more });
  const own = (name: string) => ({
    [`apps/${name}/src/a.txt`]: `${name}\n`,
    [`apps/${name}/src/deep/b.txt`]: 'b\n',
    [`apps/${name}/src/deep/c.txt`]: 'c\n',
  });
  const built = { outputDirectory: 'dist' };
  const project = await cachedProject({
    'vercel.json': {
      services: {
        web: service('web', { buildCommand: 'our-tool && node build.mjs', ...built }),
        api: service('api', { buildCommand: 'our-tool && node build.mjs', ...built }),
        docs: service('docs', { buildCommand: 'left && node build.mjs', ...built }),
        pages: service('pages'),
        site: service('site'),
      },
    },
    'svc.json': {
      services: {
        web: { env: ['COLOR'], envFiles: ['apps/web/build.env'] },
        api: { envFiles: ['apps/api/build.env'] },
        pages: { builder: './tools/stamp' },
      },
    },
    '.gitignore': 'node_modules/\ndist/\n*.log\n.svc/\n.vercel/\n.env\n',
    // Packages that are folders are copied, as those from a registry are.
    '.npmrc': 'install-links=true\n',
    'package.json': { name: 'all', version: '0.0.0', private: true, workspaces: ['apps/*', 'packages/*'] },
    'packages/lib/package.json': { name: 'lib', version: '1.0.0' },
    'packages/lib/index.txt': 'lib\n',
    'vendor/copied/package.json': { name: 'copied', version: '1.0.0' },
    'vendor/copied/index.txt': 'copied\n',
    'apps/web/build.mjs': WATCHFUL_BUILD,
    'apps/api/build.mjs': WATCHFUL_BUILD,
    'apps/docs/build.mjs': TYPICAL_BUILD,
    'apps/site/index.html': 'site',
    'apps/web/build.env': 'EXTRA=0\n',
    'apps/api/build.env': 'EXTRA=0\n',
    'tools/stamp/index.mjs': builderCode('1', 'stamped'),
    'tools/stamp/lib/ending.mjs': "export const ending = '.\\n';\n",
    'node_modules/our-builder/package.json': {
      name: 'our-builder',
      version: '1.0.0',
      exports: './index.mjs',
    },
    'node_modules/our-builder/index.mjs': builderCode('1', 'noted'),
    'node_modules/our-builder/lib/ending.mjs': "export const ending = '.\\n';\n",
    ...Object.assign({}, ...SERVICES.map(own)),
  });
  for (const version of LEFT_VERSIONS) packLeft(project.folder, version);
  const world: World = {
    project,
    folder: project.folder,
    tools: { first: join(tools, 'first'), second: join(tools, 'second') },
    env: { PATH: `${join(tools, 'first')}:${join(tools, 'second')}:${process.env.PATH}` },
    dependencies: {
      web: { left: left('1.0.0'), copied: 'file:../../vendor/copied' },
      api: { lib: '*', left: left('1.0.0') },
      docs: { left: left('1.0.0') },
    },
  };
  mkdirSync(world.tools.first, { recursive: true });
  writeTool(world.tools.second, 0);
  git(world.folder, 'tag', 'begin');
  lock(world);
  commit(world.folder);
  return world;
}

export function commit(folder: string): void {
  git(folder, 'add', '-A');
  const author = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
  git(folder, ...author, 'commit', '-qm', 'more', '--allow-empty');
}

export function left(version: string): string {
  return `file:../../vendor/left-${version}.tgz`;
}

/** A program on the PATH that builds call, in a version. */
export function writeTool(folder: string, version: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'our-tool'), `#!/bin/sh\necho version ${version}\n`, { mode: 0o755 });
}

/** Writes the members' manifests, and has npm write the lockfile for them. */
export function lock({ folder, dependencies }: World): void {
  for (const [member, named] of Object.entries(dependencies)) {
    const manifest = { name: `@all/${member}`, version: '1.0.0', type: 'module', dependencies: named };
    writeFileSync(join(folder, 'apps', member, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  }
  const options = ['--package-lock-only', '--ignore-scripts', '--offline', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...options], { cwd: folder, stdio: 'pipe' });
  const text = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  if (/"resolved": "http/.test(text)) throw new Error('the lockfile names a registry');
}

/** A package as a registry would send it: with a module and a program that tell its version. */
function packLeft(folder: string, version: string): void {
  const files = {
    'package.json': JSON.stringify({
      name: 'left',
      version,
      type: 'module',
      exports: './index.js',
      bin: { left: 'bin.js' },
    }),
    'index.js': `export default 'left ${version}';\n`,
    'bin.js': `#!/usr/bin/env node\nconsole.log('left ${version}');\n`,
    // One file that other versions do not have.
    [`only-in-${version}.txt`]: `${version}\n`,
  };
  const aside = join(folder, '..', `left-${version}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(aside, 'package', name)), { recursive: true });
    writeFileSync(join(aside, 'package', name), content);
  }
  execFileSync('tar', ['-czf', join(folder, 'vendor', `left-${version}.tgz`), '-C', aside, 'package']);
  rmSync(aside, { recursive: true });
}
