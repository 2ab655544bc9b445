import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { differences } from '../tree.ts';
import type { Trial } from '../trial.ts';
import { checkout } from '../trial.ts';
import { SERVICE, told } from '../workbench.ts';

/** How often the list of processes is looked at, and for how long after the end; milliseconds. */
const INTERVAL = 20;
const PATIENCE = 5000;

/**
 * Stops a build while one of the service's steps runs (its last one, where the others are quick), and looks for what is left.
 * Every step inherits `PATH`, so a mark in it finds all processes of this build and no others.
 */
export async function stopsWhenCancelled(trial: Trial): Promise<void> {
  const bench = await trial.bench();
  const before = checkout(bench);
  const mark = `/svc-conformance-${randomUUID()}`;
  const stop = new AbortController();
  let watching: Promise<void> | undefined;
  const result = await trial.run(bench, {
    signal: stop.signal,
    env: { PATH: [process.env.PATH, mark].filter(Boolean).join(delimiter) },
    emit: event => {
      if (event.type === 'step.started' && event.service === SERVICE) {
        watching ??= firstProcess(mark, stop.signal).then(() => stop.abort());
      }
      // A service without steps, or with very quick ones, is stopped before it is finished.
      if (event.type === 'service.finished' && event.service === SERVICE) stop.abort();
    },
  });
  stop.abort();
  await watching;
  if (!result.ok && result.failures.length > 0) {
    throw new Error(`a build that was told to stop reports failures:\n${told(result)}`);
  }
  if (!result.ok && existsSync(bench.target))
    throw new Error('a build that was told to stop left a deployment');
  const left = await processesLeft(mark);
  if (left.length > 0)
    throw new Error(`these processes are left after the build was stopped:\n${left.join('\n')}`);
  const changes = differences(before, checkout(bench));
  if (changes.length > 0)
    throw new Error(`the stopped build wrote into the checkout:\n${changes.join('\n')}`);
}

/** Resolves when a process of the build runs, or the build has ended. */
async function firstProcess(mark: string, ended: AbortSignal): Promise<void> {
  while (!ended.aborted && processesMarked(mark).length === 0) await pause();
}

async function processesLeft(mark: string): Promise<string[]> {
  const deadline = performance.now() + PATIENCE;
  let left = processesMarked(mark);
  while (left.length > 0 && performance.now() < deadline) {
    await pause();
    left = processesMarked(mark);
  }
  return left;
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, INTERVAL));
}

/** Command lines of the processes with this mark in their environment. Only Linux tells; elsewhere there are none. */
function processesMarked(mark: string): string[] {
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
