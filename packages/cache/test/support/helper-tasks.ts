import { parentPort } from 'node:worker_threads';
import type { Entry } from '@svc/cache';
import { helpRestoring, JointWork, LocalStore, type SharedMemory } from '@svc/cache/stored';

export interface HelperTask {
  readonly memory: SharedMemory;
  readonly store: string;
  readonly files: Entry['files'];
  /** What becomes of the thread once it has joined. */
  readonly fate: 'helps' | 'dies' | 'takes and leaves' | 'is late';
}

/** Tells when it takes part, so that a test need not hope that it does. */
class Announced extends JointWork {
  override join(helper: number): boolean {
    const joined = super.join(helper);
    parentPort?.postMessage(joined ? 'joined' : 'stays out');
    return joined;
  }
}

export function startHelper({ memory, store, files, fate }: HelperTask): void {
  const work = new Announced(memory);
  switch (fate) {
    case 'helps':
    case 'is late':
      helpRestoring(work, 0, new LocalStore(store), files);
      break;
    case 'dies':
      work.join(0);
      process.exit(1);
      break;
    case 'takes and leaves':
      work.join(0);
      if (work.root()) work.share(files.length, 'helper').next();
      work.leave(0);
      break;
    default:
      throw new Error(fate satisfies never);
  }
  parentPort?.postMessage('done');
}
