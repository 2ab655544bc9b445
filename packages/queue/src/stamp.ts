import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import type { Step } from '@svc/contracts';
import type { Sources } from '@svc/sources';
import { exists } from './folders.ts';
import type { IsolationName } from './isolation/isolation.ts';
import { injectsWorkspace, localPackages } from './local-packages.ts';

/**
 * Whether an install's result may be used again as it is. An install depends on manifests, lockfiles, its settings and its
 * tools, and on packed packages that lie in the repository. Where a package of the project itself runs a script during the
 * install, that script may read anything, and where folders of the repository are copied, every file in them counts: such
 * installs are never taken for right without running them.
 */
export interface Stamp {
  readonly digest: string;
  readonly isCurrent: boolean;
  /** Whether it copies folders of the repository. What the last one has left then is in the way: npm takes it for right. */
  readonly copiesFolders: boolean;
}

const MANIFESTS = new RegExp(
  `(^|/)(${[
    'package\\.json|package-lock\\.json|npm-shrinkwrap\\.json|\\.npmrc|\\.nvmrc|\\.node-version',
    'pnpm-lock\\.yaml|pnpm-workspace\\.yaml|\\.pnpmfile\\.cjs|yarn\\.lock|\\.yarnrc(\\.yml)?|bun\\.lockb?',
    'pyproject\\.toml|uv\\.lock|requirements[^/]*\\.txt|Pipfile(\\.lock)?|\\.python-version',
    'go\\.(mod|sum|work|work\\.sum)|Cargo\\.(toml|lock)|rust-toolchain(\\.toml)?|Gemfile(\\.lock)?',
  ].join('|')})$`,
);
const PATCHES = /(^|\/)(patches|\.yarn\/(patches|plugins|releases))\//;
const INSTALL_SCRIPTS = [
  'preinstall',
  'install',
  'postinstall',
  'prepare',
  'prepublish',
  'preprepare',
  'postprepare',
];

export async function readStamp(
  step: Step,
  isolation: IsolationName,
  sources: Sources,
  env: Readonly<Record<string, string>>,
  file: string,
): Promise<Stamp> {
  const files = await sources.files([step.cwd], path => MANIFESTS.test(path) || PATCHES.test(path));
  const hash = createHash('sha256');
  const add = (part: string | Buffer) => hash.update(`${Buffer.byteLength(part)}:`).update(part);
  add(
    JSON.stringify([resultPlace(isolation), step.command, step.env, process.version, process.arch, env.PATH]),
  );
  const settings: string[] = [];
  for (const [name, value] of Object.entries(env))
    if (/^(npm_config_|NPM_CONFIG_|YARN_)/.test(name)) {
      add(`${name}=${value}`);
      settings.push(`${name}=${value}`);
    }
  const manifests: { readonly path: string; readonly content: string }[] = [];
  for (const path of files) {
    const content = await readFile(join(sources.boundary, path), 'utf8');
    add(path);
    add(content);
    if (path.endsWith('package.json')) manifests.push({ path, content });
    else if (/(^|\/)(\.npmrc|pnpm-workspace\.yaml)$/.test(path)) settings.push(content);
  }
  const command = step.command.type === 'shell' ? step.command.line : '';
  const settingsText = settings.join('\n');
  let copiesFolders = injectsWorkspace(settingsText);
  let runsScripts = false;
  for (const { path, content } of manifests) {
    const local = localPackages(content, command, settingsText);
    if (local.copiesFolders) copiesFolders = true;
    if (hasInstallScript(content)) runsScripts = true;
    for (const archive of local.archives)
      add(await contentOf(sources.boundary, posix.dirname(path), archive));
  }
  const digest = hash.digest('hex');
  // In place, anybody may have changed the result since.
  const isCurrent =
    isolation !== 'none' &&
    !runsScripts &&
    !copiesFolders &&
    (await exists(file)) &&
    (await readFile(file, 'utf8')) === digest;
  return { digest, isCurrent, copiesFolders };
}

/** Empty where nothing is there: the package manager will say so. */
async function contentOf(boundary: string, folder: string, archive: string): Promise<Buffer> {
  const path = resolve(boundary, folder, archive);
  return (await exists(path)) ? readFile(path) : Buffer.alloc(0);
}

/** Mounts and copies keep an install's result in different places; it is no use to the other. */
function resultPlace(isolation: IsolationName): string {
  return isolation === 'strict' ? 'mounts' : isolation;
}

/** Written when an install has succeeded, removed before it runs: a killed install never looks finished. */
export async function writeStamp(file: string, stamp: Stamp): Promise<void> {
  await writeFile(file, stamp.digest);
}

export async function removeStamp(file: string): Promise<void> {
  await rm(file, { force: true });
}

function hasInstallScript(packageJson: string): boolean {
  try {
    const { scripts } = JSON.parse(packageJson) as { scripts?: Record<string, unknown> };
    return INSTALL_SCRIPTS.some(name => scripts?.[name] !== undefined);
  } catch {
    // Broken manifests are the package manager's to complain about; running it is how it gets to.
    return true;
  }
}
