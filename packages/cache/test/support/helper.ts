import { on, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Entry, LocalStore, Restored } from '@svc/cache';
import { JointWork, restoreTreeTogether } from '@svc/cache/stored';
import { bundled } from './bundled.ts';
import type { HelperTask } from './helper-tasks.ts';

/** A thread that helps to restore, and what it says. */
export interface HelperThread {
  readonly worker: Worker;
  readonly messages: AsyncIterator<readonly unknown[]>;
}

export async function helperThread(folder: string): Promise<HelperThread> {
  const worker = new Worker(await bundled('helper-thread', folder));
  return { worker, messages: on(worker, 'message') };
}

/** Restores with the helper's part in it made sure: it has joined before the main thread begins. */
export async function restoreWith(
  thread: HelperThread,
  store: LocalStore,
  content: Pick<Entry, 'files' | 'links'>,
  to: string,
  {
    fate = 'helps',
    patience,
    itsStore = store,
  }: { fate?: HelperTask['fate']; patience?: number; itsStore?: LocalStore } = {},
): Promise<{ restored: Restored; work: JointWork }> {
  const work = JointWork.of(content.files.length, 1);
  const task: HelperTask = {
    memory: work.memory,
    store: itsStore.folder.replace(/\/v1$/, ''),
    files: content.files,
    fate,
  };
  const restore = () => restoreTreeTogether(store, content, to, work, patience);
  const over = fate === 'dies' ? once(thread.worker, 'exit') : undefined;
  if (fate === 'is late') {
    const restored = restore();
    thread.worker.postMessage(task);
    if ((await next(thread)) !== 'stays out') throw new Error('it has joined what was over');
    await next(thread);
    return { restored, work };
  }
  thread.worker.postMessage(task);
  if ((await next(thread)) !== 'joined') throw new Error('it has not joined');
  try {
    return { restored: restore(), work };
  } finally {
    await (over ?? next(thread));
  }
}

async function next({ messages }: HelperThread): Promise<unknown> {
  const { value } = await messages.next();
  return value[0];
}
