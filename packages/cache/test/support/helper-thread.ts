import { isMainThread, parentPort } from 'node:worker_threads';
import { type HelperTask, startHelper } from './helper-tasks.ts';

// The program of a helping thread: it serves one task after the other, since starting a thread takes longer than a restore.
if (!isMainThread) parentPort?.on('message', (task: HelperTask) => startHelper(task));
