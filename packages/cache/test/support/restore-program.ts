import { mkdirSync, rmdirSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';
import { type Entry, LocalStore, restoreTreeNow } from '@svc/cache';

/** Where a program restores: in its main thread, in another one, or from a working directory that is there no more. */
export type Circumstance = 'main thread' | 'other thread' | 'no directory';

/** What it is given as JSON, and prints: what has become of the restore, and where it is then. */
export interface RestoreOrder {
  readonly store: string;
  readonly content: Pick<Entry, 'files' | 'links'>;
  readonly to: string;
  readonly circumstance: Circumstance;
}

const order = JSON.parse(process.argv[2] ?? '') as RestoreOrder;
if (isMainThread && order.circumstance === 'other thread')
  new Worker(__filename, { argv: [process.argv[2]] });
else restore(order);

function restore({ store, content, to, circumstance }: RestoreOrder): void {
  if (circumstance === 'no directory') {
    mkdirSync(`${to}.gone`);
    process.chdir(`${to}.gone`);
    rmdirSync(`${to}.gone`);
  }
  const restored = restoreTreeNow(new LocalStore(store), content, to);
  const directory = circumstance === 'no directory' ? undefined : process.cwd();
  console.log(JSON.stringify({ restored, directory }));
}
