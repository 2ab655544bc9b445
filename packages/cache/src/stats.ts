import { type BigIntStats, lstatSync } from 'node:fs';

/** How many numbers of 64 bits a path's state consists of: size, times of content and inode, inode number, mode. */
export const FIELDS = 5;

const QUIET = { bigint: true, throwIfNoEntry: false } as const;

/** What the file system says of a path without opening it; links are not followed. Undefined when nothing is there. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, QUIET);
  } catch {
    // A parent that is a file now, or a folder that is closed to us: what was there cannot be seen any more.
    return undefined;
  }
}

/** Writes a path's state at a place of a table; nothing there is all zeros, which no existing inode has. */
export function writeStat(stats: BigInt64Array, at: number, stat: BigIntStats | undefined): void {
  stats[at] = stat?.size ?? 0n;
  stats[at + 1] = stat?.mtimeNs ?? 0n;
  stats[at + 2] = stat?.ctimeNs ?? 0n;
  stats[at + 3] = stat?.ino ?? 0n;
  stats[at + 4] = stat?.mode ?? 0n;
}

export function isSameStat(stats: BigInt64Array, at: number, stat: BigIntStats | undefined): boolean {
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
export function isRacy(stat: BigIntStats, seenAt: bigint): boolean {
  return stat.ctimeNs + TICK > seenAt || stat.mtimeNs + TICK > seenAt;
}

export function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
}
