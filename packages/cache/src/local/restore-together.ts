import type { Entry } from '../entry.ts';
import { FIELDS } from '../stats.ts';
import { FolderHandle } from './folder-handle.ts';
import type { JointWork, Trouble } from './joint-work.ts';
import { modesAreAsAsked } from './new-tree.ts';
import { Contents, isLarge, type Outcome, restoreLarge, restoreSmall } from './restore-file.ts';
import type { LocalStore } from './store.ts';
import { WayDown } from './way-down.ts';

type Files = Entry['files'];

/**
 * What a helping thread does: writes its share of the files into the tree that the main thread has made, through folders that
 * it opens itself. All that goes wrong is the main thread's to tell.
 */
export function helpRestoring(
  work: JointWork,
  helper: number,
  store: Pick<LocalStore, 'blobPath'>,
  files: Files,
): void {
  if (!work.join(helper)) return;
  try {
    const root = work.root();
    if (!root) return;
    const way = new WayDown(FolderHandle.ofDescriptor(root.descriptor, root.path), (folder, name) =>
      folder.enter(name),
    );
    try {
      writeShare(work, files, new Contents(store), path => way.place(path), modesAreAsAsked(), 'helper');
    } finally {
      way.close();
    }
  } catch (error) {
    // Not of one file. Without this, what it had taken upon itself would be missing.
    work.fail({ file: 0, why: 'error', error: asData(error) });
  } finally {
    work.leave(helper);
  }
}

/** Writes files until none is left, or one cannot be written, which ends the work for all threads. */
export function writeShare(
  work: JointWork,
  files: Files,
  contents: Contents,
  placeOf: (path: string) => string,
  asAsked: boolean,
  who: 'main' | 'helper',
): void {
  for (const index of work.share(files.length, who)) {
    const file = files[index];
    if (!file) return;
    try {
      const place = placeOf(file.path);
      const at = index * FIELDS;
      const outcome = isLarge(file)
        ? showing(work, restoreLarge(contents, file, place, work.stats, at))
        : restoreSmall(contents, file, place, asAsked, work.stats, at);
      if (outcome !== 'restored') {
        work.fail({ file: index, why: outcome });
        return;
      }
    } catch (error) {
      work.fail({ file: index, why: 'error', error: asData(error) });
      return;
    }
  }
}

/** Goes on to the end, and shows that it does. */
function showing(work: JointWork, steps: Generator<void, Outcome>): Outcome {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    work.progress();
  }
}

/** An error as another thread can read it. The system's names of it decide what becomes of it. */
function asData(error: unknown): Extract<Trouble, { why: 'error' }>['error'] {
  if (!(error instanceof Error)) return { message: String(error).slice(0, MOST_TEXT) };
  const { name, message, code, errno, syscall, path, stack } = error as NodeJS.ErrnoException;
  const data = { name, message, code, errno, syscall, path, stack };
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.slice(0, MOST_TEXT) : value,
    ]),
  );
}

/** Characters; with all parts of an error it stays below what fits. */
const MOST_TEXT = 600;

/** The reverse of `asData`. */
export function asError(data: Extract<Trouble, { why: 'error' }>['error']): Error {
  return Object.assign(new Error(String(data.message)), data);
}
