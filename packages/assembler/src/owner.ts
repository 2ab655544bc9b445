import { hash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync, statSync } from 'node:fs';

/**
 * Who holds a lock or a temporary folder. A pid alone is not enough: it is used again, soon after a reboot above all.
 * `started` (clock ticks since boot) and `boot` tell pids apart over time, `space` tells machines and containers apart
 * that share a disk but not their pids. Empty where the system has no /proc.
 */
export interface Owner {
  readonly pid: number;
  readonly started: string;
  readonly boot: string;
  readonly space: string;
  /** Tells apart what one process makes. */
  readonly nonce: string;
}

/** An owner that cannot be seen from here counts as gone when it has not touched its file for this long (ms). */
export const UNSEEN_GRACE = 10 * 60_000;

export function newOwner(): Owner {
  return {
    pid: process.pid,
    started: startOf(process.pid) ?? '',
    boot: here().boot,
    space: here().space,
    nonce: randomBytes(4).toString('hex'),
  };
}

/** Whether the process that made `path` is still running. */
export function isRunning(owner: Owner, path: string): boolean {
  if (owner.space !== here().space) return touchedLately(path);
  if (owner.boot !== here().boot) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it runs, as someone else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const started = startOf(owner.pid);
  return started === undefined || owner.started === '' || started === owner.started;
}

export function touchedLately(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs < UNSEEN_GRACE;
}

let place: { readonly boot: string; readonly space: string } | undefined;

function here(): { readonly boot: string; readonly space: string } {
  place ??= {
    boot: short(attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())),
    space: short(attempt(() => readlinkSync('/proc/self/ns/pid'))),
  };
  return place;
}

/** Field 22 of /proc/PID/stat; the name before it may itself hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined; // no /proc here, or the process has gone: both mean "unknown"
  }
}

function short(text: string | undefined): string {
  return text === undefined ? '' : hash('sha256', text, 'hex').slice(0, 8);
}
