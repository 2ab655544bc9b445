import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SvcEvent } from '@svc/contracts';
import { build, projectOf, svc, temporaryFolder } from './cli.ts';

/** A build script that shows in its output everything that it can see: its sources, a shared file, a variable. */
const SHOW = `import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .map(entry => [entry.parentPath + '/' + entry.name, entry])
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([path, entry]) => entry.isFile() ? path + ' ' + (statSync(path).mode & 0o111 ? 'x ' : '') + readFileSync(path, 'utf8') : path);
const shared = ['../../shared/common.txt', '.env'].map(path => existsSync(path) ? readFileSync(path, 'utf8') : 'none');
mkdirSync('dist', { recursive: true });
writeFileSync('dist/index.html', JSON.stringify({ files, shared, color: process.env.COLOR ?? null }, null, 1));
`;

export interface CachedProject {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  build(args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<SvcEvent[]>;
  /** What `svc explain SERVICE` prints, without keys. */
  explain(service: string): Promise<string>;
}

/** Three services that build within a moment, in a repository, with a cache folder of their own. */
export async function cachedProject(
  more: Readonly<Record<string, string | object>> = {},
): Promise<CachedProject> {
  const service = (name: string) => ({
    root: `apps/${name}`,
    buildCommand: 'node build.mjs',
    outputDirectory: 'dist',
  });
  const sources = (name: string) => ({
    [`apps/${name}/build.mjs`]: SHOW,
    [`apps/${name}/src/index.txt`]: `${name}\n`,
    [`apps/${name}/src/deep/er.txt`]: 'deep\n',
  });
  const folder = await projectOf({
    'vercel.json': {
      services: { web: service('web'), api: service('api'), docs: service('docs') },
      rewrites: [{ source: '/(.*)', destination: { service: 'web' } }],
    },
    'svc.json': { services: { web: { env: ['COLOR'] } } },
    '.gitignore': 'dist/\n*.log\n.svc/\n.vercel/\n.env\n',
    'shared/common.txt': 'common\n',
    ...sources('web'),
    ...sources('api'),
    ...sources('docs'),
    ...more,
  });
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '-qm', 'all');
  const env = { SVC_CACHE: '', SVC_CACHE_DIR: join(await temporaryFolder(), 'cache') };
  return {
    folder,
    env,
    build: (args = [], own = {}) => build(folder, args, { ...env, ...own }),
    explain: async name => {
      const { stdout } = await svc(['explain', name], { cwd: folder, env });
      return stdout.replaceAll(/ \(key [0-9a-f]+\)/g, '').replaceAll(/\([0-9a-f]{12}\)/g, '(KEY)');
    },
  };
}

export function git(folder: string, ...args: string[]): void {
  execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
}

/** `built`, `kept` or the cache's name by service; `unchanged` for a build that did nothing. */
export function outcomes(events: readonly SvcEvent[]): Record<string, string> | 'unchanged' {
  const end = events.find(event => event.type === 'run.finished');
  if (!end) throw new Error('the build did not finish');
  if (end.summary.unchanged) return 'unchanged';
  return Object.fromEntries(end.summary.services.map(({ name, state }) => [name, state]));
}

/** Every file of a deployment with its mode and content, but for the manifest, which holds times. */
export function treeOf(folder: string): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (name === 'deployment.json' || entry.isDirectory()) continue;
    tree[name] = entry.isSymbolicLink()
      ? `-> ${readlinkSync(path)}`
      : `${(statSync(path).mode & 0o7777).toString(8)} ${readFileSync(path, 'latin1')}`;
  }
  return tree;
}

export async function removeOutput(folder: string): Promise<void> {
  await rm(join(folder, '.vercel/output'), { recursive: true, force: true });
}
