import { statSync, utimesSync } from 'node:fs';
import { FIELDS, type LastBuild, rangeOf, statOf, writeLastBuild, writeStat } from '@svc/cache';
import type { Decided } from './decide.ts';
import { serviceOf } from './service-of.ts';
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
    const now = new BigInt64Array(FIELDS);
    writeStat(now, 0, statOf(`${header.target}/${paths[index]}`));
    if (isSameButForLinks(stats, index, now, 0)) stats.set(now, index * FIELDS);
  }
  const file = lastBuildFile(project);
  const time = statSync(file, { throwIfNoEntry: false })?.mtime;
  if (!time) return;
  writeLastBuild(file, last);
  // By its time `svc explain` knows which run was the last.
  utimesSync(file, time, time);
}

/**
 * Whether the services that the run took over unread are, but for the time of a new name, as they were when that was decided.
 * `record` speaks of the new deployment.
 */
export function isKeptAsItWas(
  { last, reused }: Pick<Decided, 'last' | 'reused'>,
  record: LastBuild,
): boolean {
  const unread = new Set([...reused].filter(([, { isIntact }]) => isIntact).map(([name]) => name));
  if (!last || unread.size === 0) return true;
  const places = new Map<string, number>();
  const [start, end] = rangeOf(last.header, 'files');
  for (let index = start; index < end; index++) places.set(last.paths[index] ?? '', index);
  const [from, to] = rangeOf(record.header, 'files');
  for (let index = from; index < to; index++) {
    const path = record.paths[index] ?? '';
    if (!unread.has(serviceOf(path) ?? '')) continue;
    const before = places.get(path);
    if (before === undefined || !isSameButForLinks(last.stats, before, record.stats, index)) return false;
  }
  return true;
}

/** Whether two states, each at its place of a table, differ in the time of the inode at most. */
function isSameButForLinks(
  before: BigInt64Array,
  beforeIndex: number,
  now: BigInt64Array,
  nowIndex: number,
): boolean {
  for (let field = 0; field < FIELDS; field++)
    if (field !== INODE_TIME && before[beforeIndex * FIELDS + field] !== now[nowIndex * FIELDS + field])
      return false;
  return true;
}

/** Its place among the numbers of a state (`writeStat`). */
const INODE_TIME = 2;
