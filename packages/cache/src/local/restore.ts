import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Entry } from '../entry.ts';
import { FIELDS, type StatTable } from '../stats.ts';
import { isInterference } from './folder-handle.ts';
import type { JointWork } from './joint-work.ts';
import { NewTree } from './new-tree.ts';
import { Contents, isLarge, type Outcome, restoreLarge, restoreSmall } from './restore-file.ts';
import { asError, writeShare } from './restore-together.ts';
import type { LocalStore } from './store.ts';
import { WorkingDirectory } from './working-directory.ts';

/** Milliseconds of synchronous work after which timers and signals get their turn. */
const SLICE = 15;

export type Restored =
  | { readonly ok: true; readonly size: number }
  | {
      readonly ok: false;
      readonly path: string;
      readonly problem: string;
      /**
       * Its content is not there; or is not what its name says, and has been removed from the store; or somebody else is at
       * work in the folder; or a helping thread has died.
       */
      readonly why: 'missing' | 'damaged' | 'disturbed' | 'abandoned';
    };

type Content = Pick<Entry, 'files' | 'links'>;

/** `restoreTreeNow` for programs that have to stay responsive. */
export async function restoreTree(store: LocalStore, content: Content, to: string): Promise<Restored> {
  const steps = restoring(store, content, to, inOrder(store, content), undefined);
  for (let since = performance.now(); ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since <= SLICE) continue;
    await setImmediate();
    since = performance.now();
  }
}

/**
 * Writes a result's tree to a folder that does not exist yet. Each file's content is checked while it is written. Files are
 * created new below folders created new, each reached through the one above it, and links come last, so that nothing can
 * be written through a link, be it of the entry or put there by somebody meanwhile. The entry has passed `decodeEntry`.
 *
 * @param stats where to note the status of each file, `FIELDS` numbers for each.
 */
export function restoreTreeNow(store: LocalStore, content: Content, to: string, stats?: StatTable): Restored {
  return atOnce(store, content, to, inOrder(store, content, stats));
}

/**
 * `restoreTreeNow` with the help of other threads, which run `helpRestoring` on the same work and the same files.
 *
 * @param patience milliseconds without any progress after which a helper that has begun is taken for dead.
 */
export function restoreTreeTogether(
  store: LocalStore,
  content: Content,
  to: string,
  work: JointWork,
  patience = PATIENCE,
): Restored {
  if (!work.holds(content.files.length)) throw new Error('the joint work is too small for these files');
  try {
    return atOnce(store, content, to, together(store, content, to, work, patience));
  } finally {
    // Whoever still waits for it to begin need not.
    work.fail(undefined);
  }
}

const PATIENCE = 60_000;
/** Copying a large file is one call, so it shows no progress (bytes per millisecond of the slowest disk). */
const SLOWEST = 10_000;

/** With nothing else of this process in between, so that its working directory may go along. */
function atOnce(store: LocalStore, content: Content, to: string, writeFiles: WriteFiles): Restored {
  const standing = WorkingDirectory.take();
  try {
    const steps = restoring(store, content, to, writeFiles, standing);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  } finally {
    standing?.giveBack();
  }
}

/** The file that is being written, and what has become of it where that is not what should have. */
interface Place {
  path: string;
}
type Failed = { readonly file: Entry['files'][number]; readonly why: Exclude<Outcome, 'restored'> };
type WriteFiles = (tree: NewTree, place: Place) => Generator<void, Failed | 'abandoned' | undefined>;

function* restoring(
  store: LocalStore,
  { files, links }: Content,
  to: string,
  writeFiles: WriteFiles,
  standing: WorkingDirectory | undefined,
): Generator<void, Restored> {
  mkdirSync(dirname(to), { recursive: true });
  let tree: NewTree | undefined;
  const place = { path: '.' };
  try {
    tree = new NewTree(to, standing);
    const failed = yield* writeFiles(tree, place);
    if (failed === 'abandoned') {
      // Whatever that thread still does, it must not find another folder behind the same number: the tree stays open.
      tree = undefined;
      return { ok: false, path: '.', problem: 'a thread that was writing files has stopped', why: failed };
    }
    if (failed) {
      tree.remove();
      return notRestored(store, failed);
    }
    for (const link of links) {
      place.path = link.path;
      symlinkSync(link.target, tree.place(link.path));
    }
    return { ok: true, size: files.reduce((sum, { digest }) => sum + digest.size, 0) };
  } catch (error) {
    if (!isInterference(error)) throw error;
    removeIfPossible(tree);
    const problem = `somebody else changes the folder that ${JSON.stringify(place.path)} is written to`;
    return { ok: false, path: place.path, problem, why: 'disturbed' };
  } finally {
    tree?.close();
  }
}

/** How many files are written between pauses, which cost a little each. */
const FILES_A_STEP = 8;

function inOrder(store: LocalStore, { files }: Content, stats?: StatTable): WriteFiles {
  return function* (tree, place) {
    const contents = new Contents(store);
    for (const [index, file] of files.entries()) {
      if (index % FILES_A_STEP === 0) yield;
      place.path = file.path;
      const path = tree.place(file.path);
      const at = index * FIELDS;
      const outcome = isLarge(file)
        ? yield* restoreLarge(contents, file, path, stats, at)
        : restoreSmall(contents, file, path, tree.asAsked, stats, at);
      if (outcome !== 'restored') return { file, why: outcome };
    }
    return undefined;
  };
}

function together(
  store: LocalStore,
  { files }: Content,
  to: string,
  work: JointWork,
  patience: number,
): WriteFiles {
  return function* (tree, place) {
    try {
      work.open({ descriptor: tree.descriptor, path: to }, files.length, index => {
        place.path = files[index]?.path ?? place.path;
        tree.prepare(place.path);
      });
      writeShare(work, files, new Contents(store), path => tree.place(path), tree.asAsked, 'main');
    } catch (error) {
      // The folders could not be made. What is thrown says so; the helpers only have to stop.
      work.fail(undefined);
      if (!work.areHelpersGone(patience)) return 'abandoned';
      throw error;
    }
    const largest = files.reduce((most, { digest }) => Math.max(most, digest.size), 0);
    if (!work.areHelpersGone(patience + largest / SLOWEST)) {
      work.fail(undefined);
      return 'abandoned';
    }
    const trouble = work.trouble();
    const file = trouble && files[trouble.file];
    // Whatever may have happened: a tree is whole only when each file was written.
    if (!trouble || !file) return work.written === files.length ? undefined : 'abandoned';
    place.path = file.path;
    if (trouble.why === 'error') throw asError(trouble.error);
    return { file, why: trouble.why };
  };
}

function notRestored(store: LocalStore, { file: { path, digest }, why }: Failed): Restored {
  if (why === 'missing') return { ok: false, path, problem: 'some of its content is missing', why };
  store.forget(digest);
  return { ok: false, path, problem: `the content of ${JSON.stringify(path)} is not what it was`, why };
}

function removeIfPossible(tree: NewTree | undefined): void {
  try {
    tree?.remove();
  } catch (error) {
    // What is left is in svc's own folder, which the next build empties.
    if (!isInterference(error)) throw error;
  }
}
