import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its descendants have used. */
export interface TreeUsage {
  /** Milliseconds of processor time since they started, ended descendants included. */
  readonly cpu: number;
  /** Bytes in memory now. */
  readonly memory: number;
}

/** Linux counts in hundredths of a second on every architecture (`USER_HZ`). */
const TICK = 10;

/**
 * Reads what a process tree uses from `/proc`. What has left its parent (a daemon) is not found. Null where there is no
 * `/proc`, or the process has ended.
 */
export function treeUsage(pid: number): TreeUsage | null {
  if (process.platform !== 'linux') return null;
  const own = processUsage(pid);
  if (!own) return null;
  let { cpu, memory } = own;
  for (const child of childrenOf(pid)) {
    const usage = treeUsage(child);
    cpu += usage?.cpu ?? 0;
    memory += usage?.memory ?? 0;
  }
  return { cpu, memory };
}

function processUsage(pid: number): TreeUsage | null {
  const stat = read(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything; what is behind the last one is numbers. See proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  if (fields.length < 15 || Number.isNaN(ticks)) return null;
  const [, resident = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return { cpu: ticks * TICK, memory: Number(resident) * 1024 };
}

function childrenOf(pid: number): number[] {
  return tasksOf(pid).flatMap(task =>
    read(`/proc/${pid}/task/${task}/children`)
      .split(' ')
      .filter(text => text !== '')
      .map(Number),
  );
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended meanwhile, or the kernel does not tell.
    return '';
  }
}
