import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDeployment } from '@svc/runtime';
import type { Trial } from '../trial.ts';
import { told } from '../workbench.ts';
import { askOne } from './ask.ts';

/** Boots a copy of the deployment while its sources are out of reach, and asks the fixture's requests. */
export async function answersFromElsewhere(trial: Trial): Promise<void> {
  const { bench } = await trial.first();
  const elsewhere = await mkdtemp(join(tmpdir(), 'svc-elsewhere-'));
  const directory = join(elsewhere, 'deployment');
  const hidden = `${bench.project}.hidden`;
  await cp(bench.target, directory, { recursive: true, verbatimSymlinks: true });
  await rename(bench.project, hidden);
  try {
    await askAll(trial, directory);
  } finally {
    await rename(hidden, bench.project);
    await rm(elsewhere, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function askAll({ fixture, places }: Trial, directory: string): Promise<void> {
  const log: string[] = [];
  const started = await startDeployment({
    ...{ directory, port: 0, isPortFixed: true, host: undefined, eager: false },
    env: { ...process.env, ...fixture.runEnv },
    declaredEnv: {},
    programs: places.programs,
    emit: event => {
      if (event.type === 'function.output') log.push(event.line);
      if (event.type === 'problem') log.push(event.message);
    },
  });
  if (!started.ok) throw new Error(`the deployment does not start:\n${told(started)}`);
  try {
    const [{ reason } = { reason: undefined }] = started.value.unsupported;
    if (reason !== undefined) throw new Error(`the deployment cannot be run: ${reason}`);
    for (const question of fixture.requests ?? []) {
      try {
        await askOne(`http://127.0.0.1:${started.value.port}`, question);
      } catch (error) {
        const printed = log.slice(-20).map(line => `  | ${line}`);
        throw new Error([(error as Error).message, ...printed].join('\n'), { cause: error });
      }
    }
  } finally {
    await started.value.stop();
  }
}
