import { type BigIntStats, lstatSync } from 'node:fs';

/** How many numbers of 64 bits a path's state consists of: size, times of content and inode, inode number, mode. */
export const FIELDS = 5;

const QUIET = { bigint: true, throwIfNoEntry: false } as const;

/** What is noted of a path's state. */
export type Numbers = Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs' | 'ino' | 'mode'>;

/**
 * A path's state. Node's own object has four times as many numbers, which at 100,000 files is more than all the rest of svc.
 */
export class FileState {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly mode: bigint;

  constructor({ size, mtimeNs, ctimeNs, ino, mode }: Numbers) {
    this.size = size;
    this.mtimeNs = mtimeNs;
    this.ctimeNs = ctimeNs;
    this.ino = ino;
    this.mode = mode;
  }

  isFile(): boolean {
    return (this.mode & KIND) === 0o100000n;
  }

  isSymbolicLink(): boolean {
    return (this.mode & KIND) === 0o120000n;
  }

  isDirectory(): boolean {
    return (this.mode & KIND) === 0o040000n;
  }
}

/** The part of a mode that says what kind of file it is (inode(7)). */
const KIND = 0o170000n;

/** What the file system says of a path without opening it; links are not followed. Undefined when nothing is there. */
export function statOf(path: string): FileState | undefined {
  try {
    const stat = lstatSync(path, QUIET);
    return stat && new FileState(stat);
  } catch {
    // A parent that is a file now, or a folder that is closed to us: what was there cannot be seen any more.
    return undefined;
  }
}

/** Writes a path's state at a place of a table; nothing there is all zeros, which no existing inode has. */
export function writeStat(stats: BigInt64Array, at: number, stat: Numbers | undefined): void {
  stats[at] = stat?.size ?? 0n;
  stats[at + 1] = stat?.mtimeNs ?? 0n;
  stats[at + 2] = stat?.ctimeNs ?? 0n;
  stats[at + 3] = stat?.ino ?? 0n;
  stats[at + 4] = stat?.mode ?? 0n;
}

/** The reverse of `writeStat`, for a path that was there. */
export function readStat(stats: BigInt64Array, at: number): FileState {
  const [size = 0n, mtimeNs = 0n, ctimeNs = 0n, ino = 0n, mode = 0n] = stats.subarray(at, at + FIELDS);
  return new FileState({ size, mtimeNs, ctimeNs, ino, mode });
}

export function isSameStat(stats: BigInt64Array, at: number, stat: FileState | undefined): boolean {
  if (!stat) return stats[at + 3] === 0n && stats[at + 4] === 0n;
  return (
    stats[at + 1] === stat.mtimeNs &&
    stats[at + 2] === stat.ctimeNs &&
    stats[at] === stat.size &&
    stats[at + 3] === stat.ino &&
    stats[at + 4] === stat.mode
  );
}

/**
 * How close to the moment of looking a file's last change may lie (nanoseconds) before a second change could hide behind the
 * same time stamp: file systems count in steps of up to 10 ms where the kernel has no finer clock.
 */
const TICK = 20_000_000n;

/** Whether the file may change once more without its time stamps telling. `seenAt`: nanoseconds since 1970. */
export function isRacy(stat: FileState, seenAt: bigint): boolean {
  return stat.ctimeNs + TICK > seenAt || stat.mtimeNs + TICK > seenAt;
}

export function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
}
