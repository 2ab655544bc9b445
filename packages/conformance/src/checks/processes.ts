import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How often the list of processes is looked at, and for how long after the end; milliseconds. */
const INTERVAL = 20;
const PATIENCE = 5000;

/** What finds all processes of one check and no others. */
export function newMark(): string {
  return `/svc-conformance-${randomUUID()}`;
}

/** The variables that carry a mark: every step and every service inherits `PATH`. */
export function marked(mark: string): Readonly<Record<string, string>> {
  return { PATH: [process.env.PATH, mark].filter(Boolean).join(delimiter) };
}

/** The processes with that mark that are still there some seconds after they were told to end. */
export async function processesLeft(mark: string): Promise<string[]> {
  const deadline = performance.now() + PATIENCE;
  let left = processesMarked(mark);
  while (left.length > 0 && performance.now() < deadline) {
    await pause();
    left = processesMarked(mark);
  }
  return left;
}

export function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, INTERVAL));
}

/** Command lines of the processes with this mark in their environment. Only Linux tells; elsewhere there are none. */
export function processesMarked(mark: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const folder = join('/proc', name);
        // What has ended but was not collected yet has no environment any more.
        if (!readFileSync(join(folder, 'environ'), 'latin1').includes(mark)) return [];
        return [`${name} ${readFileSync(join(folder, 'cmdline'), 'latin1').replaceAll('\0', ' ')}`];
      } catch {
        // Ended meanwhile, or another user's.
        return [];
      }
    });
}
