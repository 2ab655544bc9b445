import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The files outside of the listing that decide which files of a folder are inputs: git's index (a tracked file counts even
 * where a rule ignores it), its exclude files and settings, and `.gitignore` files above the folder. Absolute paths, whether
 * or not anything is there: what appears changes the listing as well. `repositories` are the folders below that hold
 * a repository of their own.
 */
export function listingWitnesses(
  boundary: string,
  repositories: readonly string[],
  env: Environment,
): readonly string[] {
  const above = foldersUpTo(boundary);
  const top = above.find(folder => existsSync(join(folder, '.git')));
  const below = top === undefined ? above : above.slice(0, above.indexOf(top) + 1);
  const witnesses = [
    ...below.slice(1).map(folder => join(folder, '.gitignore')),
    ...below.map(folder => join(folder, '.git')).filter(path => !isFolder(path)),
    ...[...(top === undefined ? [] : [top]), ...repositories].flatMap(filesOfRepository),
    ...settings(env),
  ];
  return [...new Set([...witnesses, ...witnesses.flatMap(path => excludesFile(path, env))])];
}

/** A folder's status changes with every file that git writes in it. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The folder and all above it. */
function foldersUpTo(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersUpTo(parent)];
}

function filesOfRepository(folder: string): string[] {
  const own = gitFolder(folder);
  const common = commonFolder(own);
  return [
    join(own, 'index'),
    join(own, 'info', 'sparse-checkout'),
    join(own, 'config.worktree'),
    join(common, 'info', 'exclude'),
    join(common, 'config'),
  ];
}

/** In worktrees and submodules `.git` is a file that says where the repository is. */
function gitFolder(folder: string): string {
  const path = join(folder, '.git');
  const link = /^gitdir: (.+)$/m.exec(textOf(path))?.[1];
  return link === undefined ? path : resolve(folder, link);
}

function commonFolder(git: string): string {
  const common = textOf(join(git, 'commondir')).trim();
  return common === '' ? git : resolve(git, common);
}

function settings(env: Environment): string[] {
  const home = env.HOME ?? homedir();
  const configuration = env.XDG_CONFIG_HOME ?? join(home, '.config');
  return [
    env.GIT_CONFIG_SYSTEM ?? '/etc/gitconfig',
    env.GIT_CONFIG_GLOBAL ?? join(home, '.gitconfig'),
    join(configuration, 'git', 'config'),
    join(configuration, 'git', 'ignore'),
  ];
}

function excludesFile(config: string, env: Environment): string[] {
  if (!/config$/.test(config)) return [];
  const named = /^\s*excludesfile\s*=\s*"?([^"\n]+?)"?\s*$/im.exec(textOf(config))?.[1];
  return named === undefined ? [] : [resolve(named.replace(/^~(?=\/)/, env.HOME ?? homedir()))];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there, or a folder: then it says nothing.
    return '';
  }
}
