import { workerData } from 'node:worker_threads';
import { helpRestoring, JointWork, LocalStore } from '@svc/cache/stored';
import { filesOf } from './cache/manifest-files.ts';
import type { HelperData } from './cache/restore-helpers.ts';

/** A thread that helps to put a large deployment back; bundled as one CommonJS file. */
const { helper, memory, folder, manifest } = workerData as HelperData;
helpRestoring(new JointWork(memory), helper, new LocalStore(folder), filesOf(manifest).files);
