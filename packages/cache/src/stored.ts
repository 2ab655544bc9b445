/** The part of the package that puts back what is stored: loaded by itself, before anything else of svc. */
export { treeEntry } from './entry.ts';
export { type LastBuild, rangeOf, writeLastBuild } from './last-build.ts';
export { JointWork, type SharedMemory } from './local/joint-work.ts';
export { restoreTreeNow, restoreTreeTogether } from './local/restore.ts';
export { helpRestoring } from './local/restore-together.ts';
export { LocalStore } from './local/store.ts';
export { cacheFolder } from './places.ts';
export { readSigningKey } from './signature.ts';
export { FIELDS, isAsRecorded, type StatTable, statOf, statTable, writeStat } from './stats.ts';
