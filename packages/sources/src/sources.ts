import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Notice } from '@svc/contracts';
import { listWithGit } from './git.ts';
import { filesBelow, type Listing } from './listing.ts';
import { collapsed } from './paths.ts';
import { readVercelIgnore } from './vercelignore.ts';
import { listByWalking } from './walk.ts';

/** What a project's files are: one listing a run, shared by all services. Paths are POSIX, relative to the boundary. */
export interface Sources {
  /** Absolute path of the boundary. */
  readonly boundary: string;
  /** Who decided: git, a walk that knows generated folders and `.gitignore` files, or the record of an earlier look. */
  readonly decidedBy: 'git' | 'walk' | 'record';
  /** What the user should know about how the files were found, such as a git repository that cannot be read. */
  readonly warnings: readonly Notice[];
  /**
   * The files below these folders (or these very files) that are inputs, sorted by bytes: what git would commit, minus
   * what `.vercelignore` excludes, minus `.svc/` and `.vercel/`. Links are entries and are not followed. `wanted` narrows
   * the answer, which is cheaper than doing so afterwards.
   */
  files(directories: readonly string[], wanted?: (path: string) => boolean): Promise<readonly string[]>;
  /** The same for the files in a folder itself, without those in the folders inside it. */
  filesDirectlyIn(directory: string): Promise<readonly string[]>;
  /** What exists on disk but is no input, folders as a whole where possible (`apps/web/node_modules/`), sorted. */
  ignored(): Promise<readonly string[]>;
  /** Every input as it was listed, without a look at the disk: some may have been deleted since git saw them. */
  listed(): ReadonlySet<string>;
  /** Of the ignored folders, those in which a new file could be an input. */
  openIgnored(): Promise<ReadonlySet<string>>;
}

/**
 * Looks at a project once. Works in repositories, worktrees, submodules, in folders of a larger repository, and without
 * git. A boundary that an outer repository ignores as a whole counts as one without git: that repository knows nothing
 * about it. `ignoredSoon` has what git ignores looked up at the same time, for those who will ask for that too.
 */
export async function openSources(
  boundary: string,
  options: { readonly ignoredSoon: boolean } = { ignoredSoon: false },
): Promise<Sources> {
  const withGit = await listWithGit(boundary, options);
  const listing: Listing = 'files' in withGit ? withGit : await listByWalking(boundary);
  const present = presence(boundary, listing);
  const vercelIgnore = await readVercelIgnore(boundary, await present(listing.files.named('.vercelignore')));
  let ignored: Promise<readonly string[]> | undefined;
  return {
    boundary,
    decidedBy: 'files' in withGit ? 'git' : 'walk',
    warnings: 'problem' in withGit ? [gitUnreadable(withGit.problem)] : [],
    files: (directories, wanted) => {
      const found = vercelIgnore.kept(filesBelow(listing.files, directories));
      return present(wanted ? found.filter(wanted) : found);
    },
    filesDirectlyIn: directory => present(vercelIgnore.kept(listing.files.directlyIn(directory))),
    ignored: () => {
      ignored ??= listing.ignored().then(entries => {
        const excluded = vercelIgnore.isEmpty ? [] : vercelIgnore.excluded(listing.files.below('.'));
        return collapsed([...entries, ...excluded]);
      });
      return ignored;
    },
    listed: () =>
      vercelIgnore.isEmpty
        ? new Set(listing.files.all())
        : new Set(vercelIgnore.kept(listing.files.below('.'))),
    openIgnored: async () => listing.open(await listing.ignored()),
  };
}

/** Up to this many files are looked for one by one, which is quicker than to have git look for all. */
const LOOKED_FOR = 5000;

/** Drops the files that are no longer on the disk. */
function presence(boundary: string, listing: Listing) {
  const known = new Map<string, boolean>();
  let deleted: Promise<ReadonlySet<string>> | undefined;
  const isPresent = (path: string) => {
    const present = known.get(path) ?? isThere(join(boundary, path));
    known.set(path, present);
    return present;
  };
  return async (paths: readonly string[]): Promise<readonly string[]> => {
    if (!listing.deleted) return paths;
    if (paths.length <= LOOKED_FOR) return paths.filter(isPresent);
    deleted ??= listing.deleted();
    const gone = await deleted;
    return gone.size === 0 ? paths : paths.filter(path => !gone.has(path));
  };
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // What was a folder when git last looked is a file by now.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}

function gitUnreadable(problem: string): Notice {
  const [firstLine = ''] = problem.split('\n');
  return {
    code: 'git-unreadable',
    message: `git could not say which files belong to the project (${firstLine}), so every file that .gitignore files do not exclude counts`,
    help: 'Run `git status` in the project to see what is wrong with the repository.',
  };
}
