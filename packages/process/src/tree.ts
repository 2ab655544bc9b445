import { readdirSync, readFileSync } from 'node:fs';

/** Marks a step's processes, so that ones which left the process group (`setsid`, double fork) are found as well. */
export const TREE_MARKER = 'SVC_STEP_TREE';

/** A command's process group, and the marker that its descendants carry in their environment. */
export interface ProcessTree {
  readonly pid: number;
  /** Null when a namespace of its own holds all of it. */
  readonly marker: string | null;
}

const live = new Set<ProcessTree>();

export function rememberTree(tree: ProcessTree): void {
  live.add(tree);
}

export function forgetTree(tree: ProcessTree): void {
  live.delete(tree);
}

/** Stops a tree: SIGTERM to all of it, and SIGKILL to what is left after `grace` milliseconds. */
export async function stopTree(tree: ProcessTree, grace: number): Promise<void> {
  if (grace > 0) {
    signalTree(tree, 'SIGTERM');
    const deadline = Date.now() + grace;
    while (Date.now() < deadline && groupIsAlive(tree.pid))
      await new Promise(resolve => setTimeout(resolve, 20));
  }
  signalTree(tree, 'SIGKILL');
}

/** Kills everything that still runs, at once and synchronously: for the last moment of this process. */
export function killAllTrees(): void {
  for (const tree of live) signalTree(tree, 'SIGKILL');
  live.clear();
}

function signalTree(tree: ProcessTree, signal: NodeJS.Signals): void {
  trySignal(-tree.pid, signal);
  for (const pid of strays(tree)) trySignal(pid, signal);
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // ESRCH: it has ended meanwhile. EPERM: the id was given to somebody else's process.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Whether anything of the group still runs. What has ended but was not collected yet does not count: some never are. */
function groupIsAlive(pid: number): boolean {
  if (process.platform !== 'linux') return isSignallable(-pid);
  return processIds().some(name => {
    const [, state, , group] = /^\d+ \(.*\) (\S) (\d+) (\d+)/s.exec(readOwn(`/proc/${name}/stat`)) ?? [];
    return Number(group) === pid && state !== 'Z' && state !== 'X';
  });
}

function isSignallable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Descendants that left the process group. Only `/proc` can tell; elsewhere the group has to do. Ids are never reused
 * here by mistake, for the marker is looked for in the environment of the very process that is about to be signalled.
 */
function strays(tree: ProcessTree): number[] {
  if (tree.marker === null || process.platform !== 'linux') return [];
  const wanted = `${TREE_MARKER}=${tree.marker}\0`;
  const found: number[] = [];
  for (const name of processIds()) {
    const pid = Number(name);
    if (pid !== process.pid && `${readOwn(`/proc/${name}/environ`)}\0`.includes(wanted)) found.push(pid);
  }
  return found;
}

function processIds(): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name));
}

function readOwn(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // Ended meanwhile, or another user's.
    return '';
  }
}
