import { statSync, utimesSync } from 'node:fs';
import { FIELDS, type LastBuild, rangeOf, readStat, statOf, writeLastBuild, writeStat } from '@svc/cache';
import { lastBuildFile } from './warm.ts';

/**
 * A deployment that was laid out and then discarded has given the last one's files a second name for a while. That changes
 * the time of their inodes and nothing else, and the record of the last build is made to agree: otherwise the next build
 * would take all of them for damaged.
 */
export function forgiveLinks(project: string, last: LastBuild): void {
  const { header, stats, paths } = last;
  const [start, end] = rangeOf(header, 'files');
  for (let index = start; index < end; index++) {
    const now = statOf(`${header.target}/${paths[index]}`);
    const before = readStat(stats, index * FIELDS);
    const isSame =
      now &&
      now.mtimeNs === before.mtimeNs &&
      now.size === before.size &&
      now.ino === before.ino &&
      now.mode === before.mode;
    if (isSame) writeStat(stats, index * FIELDS, now);
  }
  const file = lastBuildFile(project);
  const time = statSync(file, { throwIfNoEntry: false })?.mtime;
  if (!time) return;
  writeLastBuild(file, last);
  // By its time `svc explain` knows which run was the last.
  utimesSync(file, time, time);
}
