import { FIELDS, type LastBuild, rangeOf, type StatTable, statOf, statTable, writeStat } from '@svc/cache';
import type { Reused } from '@svc/queue';
import { serviceOf } from './service-of.ts';

/** Services of which the deployment holds the very files that were put there. */
export function intactServices(reused: ReadonlyMap<string, Reused> | undefined): Set<string> {
  return new Set([...(reused ?? [])].filter(([, { isIntact }]) => isIntact).map(([name]) => name));
}

/**
 * What the record of the last build says of the files and folders of services whose folder was moved into the new deployment
 * as it was. That is written down again rather than what is there now: the services are kept because of it, and a file that
 * somebody has changed since shows as changed to the next build.
 */
export class MovedFiles {
  readonly #places = new Map<string, number>();

  constructor(
    private readonly last: LastBuild | undefined,
    moved: ReadonlySet<string>,
  ) {
    if (!last || moved.size === 0) return;
    for (const kind of ['files', 'outputFolders'] as const) {
      const [start, end] = rangeOf(last.header, kind);
      for (let index = start; index < end; index++) {
        const path = last.paths[index] ?? '';
        if (moved.has(serviceOf(path) ?? '')) this.#places.set(path, index);
      }
    }
  }

  /** Writes the recorded state of a path in the deployment at a place of a table of states; false when there is none. */
  write(stats: StatTable, at: number, path: string): boolean {
    const place = this.#places.get(path);
    if (place === undefined || !this.last) return false;
    const { header, stats: known } = this.last;
    stats.set(known.subarray(place * FIELDS, (place + 1) * FIELDS), at);
    // To be moved changes the time of the inode of the folder itself.
    if (!IN_A_SERVICE.test(path)) {
      const now = statTable(1);
      writeStat(now, 0, statOf(`${header.target}/${path}`));
      stats[at + INODE_TIME] = now[INODE_TIME] ?? 0;
    }
    return true;
  }
}

const IN_A_SERVICE = /^services\/[^/]+\//;

/** Its place among the numbers of a state (`writeStat`). */
const INODE_TIME = 2;
