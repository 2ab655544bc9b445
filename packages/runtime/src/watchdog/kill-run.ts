import { readdirSync, readFileSync } from 'node:fs';

/** Carried in the environment of everything that one `svc start` runs, so that what left its group is found as well. */
export const RUN_VARIABLE = 'SVC_RUN';

/**
 * Kills whatever carries the mark of a run, until nothing does. Only Linux can tell; elsewhere functions end by themselves
 * when their line to svc breaks.
 */
export function killRun(run: string): void {
  // Processes can fork while the list is read, so it is read until it is empty; what cannot be killed must not hold it up.
  for (let round = 0; round < 50; round++) {
    const found = marked(run);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

function marked(run: string): number[] {
  if (process.platform !== 'linux' || run === '') return [];
  const wanted = `${RUN_VARIABLE}=${run}\0`;
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(name => `${readOwn(`/proc/${name}/environ`)}\0`.includes(wanted))
    .map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: it has ended meanwhile. EPERM: the id was given to somebody else's process.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function readOwn(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // Ended meanwhile, or another user's.
    return '';
  }
}
