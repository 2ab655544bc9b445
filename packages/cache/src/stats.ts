import { lstatSync, type Stats } from 'node:fs';

/** How many numbers a path's state consists of: size, times of content and inode, inode number, mode. */
export const FIELDS = 5;

/**
 * States of paths, `FIELDS` numbers each. In floating point they are exact but for times, which come in steps of 0.25 µs, and for
 * inode numbers from 2^53 on. Whole numbers of 64 bits would take Node twice as long to bring, and prove no more: changes of
 * which one comes so soon after the other are never told apart by time (`isRacy`).
 */
export type StatTable = Float64Array;

/** @param paths how many states there is to be room for. */
export function statTable(paths: number): StatTable {
  return new Float64Array(paths * FIELDS);
}

/** What is noted of a path's state. Times are milliseconds since 1970. */
export type Numbers = Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs' | 'ino' | 'mode'>;

/**
 * A path's state. Node's own object has four times as many numbers, which at 100,000 files is more than all the rest of svc.
 */
export class FileState {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly mode: number;

  constructor({ size, mtimeMs, ctimeMs, ino, mode }: Numbers) {
    this.size = size;
    this.mtimeMs = mtimeMs;
    this.ctimeMs = ctimeMs;
    this.ino = ino;
    this.mode = mode;
  }

  isFile(): boolean {
    return (this.mode & KIND) === 0o100000;
  }

  isSymbolicLink(): boolean {
    return (this.mode & KIND) === 0o120000;
  }

  isDirectory(): boolean {
    return (this.mode & KIND) === 0o040000;
  }
}

/** The part of a mode that says what kind of file it is (inode(7)). */
const KIND = 0o170000;

/** What the file system says of a path without opening it; links are not followed. Undefined when nothing is there. */
export function statOf(path: string): FileState | undefined {
  const stat = numbersOf(path);
  return stat && new FileState(stat);
}

/** Whether a path's state is the one that a table holds. */
export function isAsRecorded(stats: StatTable, at: number, path: string): boolean {
  return isSameStat(stats, at, numbersOf(path));
}

function numbersOf(path: string): Numbers | undefined {
  try {
    return lstatSync(path, QUIET);
  } catch {
    // A parent that is a file now, or a folder that is closed to us: what was there cannot be seen any more.
    return undefined;
  }
}

const QUIET = { throwIfNoEntry: false } as const;

/** Writes a path's state at a place of a table; nothing there is all zeros, which no existing inode has. */
export function writeStat(stats: StatTable, at: number, stat: Numbers | undefined): void {
  stats[at] = stat?.size ?? 0;
  stats[at + 1] = stat?.mtimeMs ?? 0;
  stats[at + 2] = stat?.ctimeMs ?? 0;
  stats[at + 3] = stat?.ino ?? 0;
  stats[at + 4] = stat?.mode ?? 0;
}

/** The reverse of `writeStat`, for a path that was there. */
export function readStat(stats: StatTable, at: number): FileState {
  const [size = 0, mtimeMs = 0, ctimeMs = 0, ino = 0, mode = 0] = stats.subarray(at, at + FIELDS);
  return new FileState({ size, mtimeMs, ctimeMs, ino, mode });
}

export function isSameStat(stats: StatTable, at: number, stat: Numbers | undefined): boolean {
  if (!stat) return stats[at + 3] === 0 && stats[at + 4] === 0;
  return (
    stats[at + 1] === stat.mtimeMs &&
    stats[at + 2] === stat.ctimeMs &&
    stats[at] === stat.size &&
    stats[at + 3] === stat.ino &&
    stats[at + 4] === stat.mode
  );
}

/**
 * How close to the moment of looking a file's last change may lie (milliseconds) before a second change could hide behind the
 * same time stamp: file systems count in steps of up to 10 ms where the kernel has no finer clock.
 */
const TICK = 20;

/** Whether the file may change once more without its time stamps telling. `seenAt`: milliseconds since 1970. */
export function isRacy(stat: Numbers, seenAt: number): boolean {
  return stat.ctimeMs + TICK > seenAt || stat.mtimeMs + TICK > seenAt;
}

/** Milliseconds since 1970, with a fraction. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
