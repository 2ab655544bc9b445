import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Step } from '@svc/contracts';
import type { Sources } from '@svc/sources';
import { exists } from './folders.ts';
import type { IsolationName } from './isolation/isolation.ts';

/**
 * Whether an install's result may be used again as it is. An install depends on manifests, lockfiles, its settings and its
 * tools; where a package of the project itself runs a script during the install, that script may read anything, so such
 * an install is never taken for right without running it.
 */
export interface Stamp {
  readonly digest: string;
  readonly isCurrent: boolean;
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
  let runsScripts = false;
  const add = (part: string) => hash.update(`${Buffer.byteLength(part)}:${part}`);
  add(
    JSON.stringify([resultPlace(isolation), step.command, step.env, process.version, process.arch, env.PATH]),
  );
  for (const [name, value] of Object.entries(env))
    if (/^(npm_config_|NPM_CONFIG_|YARN_)/.test(name)) add(`${name}=${value}`);
  for (const path of files) {
    const content = await readFile(join(sources.boundary, path), 'utf8');
    add(path);
    add(content);
    if (path.endsWith('package.json') && hasInstallScript(content)) runsScripts = true;
  }
  const digest = hash.digest('hex');
  // In place, anybody may have changed the result since.
  const isCurrent =
    isolation !== 'none' && !runsScripts && (await exists(file)) && (await readFile(file, 'utf8')) === digest;
  return { digest, isCurrent };
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
