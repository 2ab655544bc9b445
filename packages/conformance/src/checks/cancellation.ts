import { existsSync } from 'node:fs';
import { differences } from '../tree.ts';
import type { Trial } from '../trial.ts';
import { checkout } from '../trial.ts';
import { SERVICE, told } from '../workbench.ts';
import { marked, newMark, pause, processesLeft, processesMarked } from './processes.ts';

/**
 * Stops a build while one of the service's steps runs (its last one, where the others are quick), and looks for what is left.
 */
export async function stopsWhenCancelled(trial: Trial): Promise<void> {
  const bench = await trial.bench();
  const before = checkout(bench);
  const mark = newMark();
  const stop = new AbortController();
  let watching: Promise<void> | undefined;
  const result = await trial.run(bench, {
    signal: stop.signal,
    env: marked(mark),
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
