import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GENERATED_FOLDERS, isInOwnFolder, OWN_FOLDERS } from './generated.ts';
import { GitRecords } from './git-records.ts';
import { fileList, type Listing } from './listing.ts';
import { foldersAbove } from './paths.ts';

/** Why git cannot say what belongs to a folder. `problem` is set when that is not simply because there is no repository. */
export interface NoGit {
  readonly problem?: string;
}

/** A hook that calls svc has these set for its own repository; what we ask about is the folder we stand in. */
const REPOSITORY_VARIABLES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_COMMON_DIR',
  'GIT_OBJECT_DIRECTORY',
];

const EXCLUDES = [...GENERATED_FOLDERS, ...OWN_FOLDERS].flatMap(name => ['--exclude', `${name}/`]);

/**
 * What git would commit below `directory`: tracked and untracked, not ignored. One `git ls-files`, and one for each
 * submodule or nested repository. Looking for deleted files takes git twice as long as all of that, so it waits until
 * somebody asks for many files.
 */
export async function listWithGit(
  directory: string,
  { ignoredSoon }: { readonly ignoredSoon: boolean } = { ignoredSoon: false },
): Promise<Listing | NoGit> {
  const asked = ignoredSoon ? listIgnored(directory) : undefined;
  // Without git it fails, and the listing says so better.
  asked?.catch(() => undefined);
  const answer = await git(directory, [
    ...['ls-files', '-z', '-t', '--stage', '--cached', '--others', '--exclude-standard'],
    ...EXCLUDES,
  ]);
  if (!answer.ok) return answer.noRepository ? {} : { problem: answer.problem };
  const records = new GitRecords(answer.output);
  if (!records.hasTracked && (await isIgnoredByOuterRepository(directory))) return {};
  if (records.needsInterpretation) return interpret(directory, answer.output.toString('utf8'), asked);
  return {
    files: records,
    deleted: async () => new Set(await listDeleted(directory)),
    ignored: async () => [
      ...(await (asked ?? listIgnored(directory))),
      ...ownFoldersAmong(OWN_FOLDERS.flatMap(name => records.trackedContaining(`${name}/`))),
    ],
    open: ignored => foldersLookedInto(directory, ignored),
  };
}

/**
 * Of the folders that git lists as ignored, those that no rule names: all they hold today happens to be ignored, and a file
 * of another name would not be. Git never looks into the others.
 */
async function foldersLookedInto(directory: string, ignored: readonly string[]): Promise<Set<string>> {
  const isGenerated = (folder: string) =>
    [...GENERATED_FOLDERS, ...OWN_FOLDERS, '.git'].includes(
      folder.slice(folder.lastIndexOf('/', folder.length - 2) + 1, -1),
    );
  const asked = ignored.filter(path => path.endsWith('/') && !isGenerated(path));
  if (asked.length === 0) return new Set();
  const answer = await git(directory, ['check-ignore', '-z', '--stdin'], asked.join('\0'));
  const closed = new Set(answer.ok ? pathsIn(answer.output) : []);
  return new Set(asked.filter(path => !closed.has(path)));
}

/** The listing of a repository with others inside it, or of a sparse checkout. */
async function interpret(
  directory: string,
  output: string,
  asked: Promise<string[]> | undefined,
): Promise<Listing> {
  const seen = readEntries(output);
  await dropAbsentOfSparseCheckout(directory, seen);
  const nested = await listNested(directory, seen.repositories);
  const own = [...seen.tracked, ...seen.untracked].filter(path => !isInOwnFolder(path));
  const inside = nested.flatMap(({ path, listing }) =>
    listing.files.below('.').map(file => `${path}/${file}`),
  );
  return {
    files: fileList([...own, ...inside]),
    deleted: async () => {
      const below = await Promise.all(
        nested.map(async ({ path, listing }) =>
          [...((await listing.deleted?.()) ?? [])].map(file => `${path}/${file}`),
        ),
      );
      return new Set([...(await listDeleted(directory)), ...below.flat()]);
    },
    ignored: async () => {
      const below = await Promise.all(
        nested.map(async ({ path, listing }) => (await listing.ignored()).map(entry => `${path}/${entry}`)),
      );
      return [
        ...(await (asked ?? listIgnored(directory))),
        ...ownFoldersAmong(seen.tracked),
        ...below.flat(),
      ];
    },
    open: async ignored => {
      const open = await foldersLookedInto(directory, ignored);
      for (const { path, listing } of nested) {
        const inside = ignored.flatMap(entry =>
          entry.startsWith(`${path}/`) ? [entry.slice(path.length + 1)] : [],
        );
        for (const folder of await listing.open(inside)) open.add(`${path}/${folder}`);
      }
      return open;
    },
  };
}

async function listDeleted(directory: string): Promise<string[]> {
  const answer = await git(directory, ['ls-files', '-z', '--deleted']);
  if (!answer.ok) throw new Error(`git could not list deleted files in ${directory}: ${answer.problem}`);
  return pathsIn(answer.output);
}

async function listIgnored(directory: string): Promise<string[]> {
  const answer = await git(directory, [
    'ls-files',
    ...['-z', '--others', '--ignored', '--exclude-standard', '--directory'],
    ...EXCLUDES,
  ]);
  if (!answer.ok) throw new Error(`git could not list ignored files in ${directory}: ${answer.problem}`);
  const ignored = pathsIn(answer.output);
  const own = await stat(join(directory, '.git')).catch(() => undefined);
  if (own) ignored.push(own.isDirectory() ? '.git/' : '.git');
  return ignored;
}

function pathsIn(output: Buffer): string[] {
  return output
    .toString('utf8')
    .split('\0')
    .filter(path => path !== '');
}

interface Entries {
  readonly tracked: Set<string>;
  readonly untracked: Set<string>;
  /** Tracked, but outside of what a sparse checkout puts on disk. */
  readonly sparse: Set<string>;
  /** Folders that are repositories of their own: submodules, and clones that nobody registered. */
  readonly repositories: Set<string>;
}

const SUBMODULE_MODE = '160000';

/** Reads the records of `ls-files -t --stage`: `? path`, or a tag, mode, object and stage, a tab and the path. */
function readEntries(output: string): Entries {
  const tracked = new Set<string>();
  const untracked = new Set<string>();
  const sparse = new Set<string>();
  const repositories = new Set<string>();
  for (const record of output.split('\0')) {
    if (record === '') continue;
    const tag = record[0];
    if (tag === '?') {
      const path = record.slice(2);
      if (path.endsWith('/')) repositories.add(path.slice(0, -1));
      else untracked.add(path);
      continue;
    }
    const path = record.slice(record.indexOf('\t') + 1);
    if (record.startsWith(SUBMODULE_MODE, 2)) repositories.add(path);
    else if (tag === 'S') sparse.add(path);
    else tracked.add(path);
  }
  return { tracked, untracked, sparse, repositories };
}

/** git does not report a skipped file as deleted, so the few that are there all the same are found by looking. */
async function dropAbsentOfSparseCheckout(directory: string, seen: Entries): Promise<void> {
  const folders = new Set([...seen.sparse].map(path => path.slice(0, path.lastIndexOf('/') + 1)));
  await Promise.all(
    [...folders].map(async folder => {
      const present = await readdir(join(directory, folder)).catch(() => []);
      for (const path of present.map(name => `${folder}${name}`)) {
        if (seen.sparse.has(path)) seen.tracked.add(path);
      }
    }),
  );
}

async function listNested(directory: string, repositories: ReadonlySet<string>) {
  const listings = await Promise.all(
    [...repositories].map(async path => ({ path, listing: await listNestedRepository(directory, path) })),
  );
  return listings.flatMap(({ path, listing }) => (listing ? [{ path, listing }] : []));
}

/** A submodule that was never checked out is an empty folder: asking git there would answer for the outer repository. */
async function listNestedRepository(directory: string, path: string): Promise<Listing | undefined> {
  const root = join(directory, path);
  if (!(await stat(join(root, '.git')).catch(() => undefined))) return undefined;
  const listing = await listWithGit(root);
  return 'files' in listing ? listing : undefined;
}

async function isIgnoredByOuterRepository(directory: string): Promise<boolean> {
  return (await git(directory, ['check-ignore', '--quiet', '.'])).ok;
}

function ownFoldersAmong(tracked: Iterable<string>): string[] {
  return [...tracked].filter(isInOwnFolder).flatMap(path => {
    for (const folder of foldersAbove(path)) {
      if (OWN_FOLDERS.includes(folder.slice(folder.lastIndexOf('/') + 1))) return [`${folder}/`];
    }
    return [];
  });
}

type GitAnswer =
  | { readonly ok: true; readonly output: Buffer }
  | { readonly ok: false; readonly noRepository: boolean; readonly problem: string };

/**
 * Runs git for reading only. A repository that another user owns (usual in CI containers) is trusted for that: no hook
 * and no file-system monitor is started. Optional locks are off so that a build never blocks the user's own git.
 */
function git(directory: string, args: readonly string[], input?: string): Promise<GitAnswer> {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
  for (const name of REPOSITORY_VARIABLES) delete env[name];
  return new Promise(resolve => {
    const child = spawn('git', ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false', ...args], {
      cwd: directory,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    // It may end before it has read all: what it says at its end counts.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', chunk => output.push(chunk));
    child.stderr.on('data', chunk => errors.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ ok: false, noRepository: error.code === 'ENOENT', problem: error.message });
    });
    child.on('close', code => {
      if (code === 0) return resolve({ ok: true, output: Buffer.concat(output) });
      const problem = Buffer.concat(errors).toString('utf8').trim() || `git ended with ${code}`;
      resolve({ ok: false, noRepository: /not a git repository/i.test(problem), problem });
    });
  });
}
