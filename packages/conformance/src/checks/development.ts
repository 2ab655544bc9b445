import { startDev } from '@svc/dev';
import type { Question } from '../fixture.ts';
import { neighbourBuilder } from '../neighbour.ts';
import type { Trial } from '../trial.ts';
import { type Bench, named, SERVICE, told } from '../workbench.ts';
import { askOne } from './ask.ts';
import { marked, newMark, pause, processesLeft } from './processes.ts';

/** How much of a check's time an edit may take to be seen. */
const SHARE = 0.5;
const LAST_LINES = 20;

/** Runs the service as `svc dev` does, asks it, edits it, asks it again, and looks for what is left. */
export async function runsFromSources(trial: Trial): Promise<void> {
  const { builder, fixture, places } = trial;
  const bench = await trial.bench();
  nameBuilder(bench, trial);
  const mark = newMark();
  const log: string[] = [];
  const { preload, programs } = places;
  let settle: (problem: string | null) => void = () => undefined;
  const settled = new Promise<string | null>(resolve => {
    settle = resolve;
  });
  const started = await startDev({
    directory: bench.project,
    port: 0,
    isPortFixed: true,
    host: undefined,
    onListening: () => undefined,
    builders: [builder, neighbourBuilder],
    plugins: async () => ({
      builders: new Map(),
      preloads: Object.fromEntries(Object.keys(builder.tools).map(tool => [tool, preload])),
    }),
    tools: builder.tools,
    programs,
    env: { ...process.env, ...fixture.env, ...fixture.runEnv, ...marked(mark) },
    color: false,
    only: [SERVICE],
    emit: event => {
      if (event.type === 'service.output') log.push(event.line);
      if (event.type === 'service.state' && event.state === 'ready') settle(null);
      if (event.type === 'service.failed') settle(told({ ok: false, failures: [event.failure] }));
    },
  });
  if (!started.ok) throw new Error(`it cannot be run from its sources:\n${told(started)}`);
  const ask = async (questions: readonly Question[]) => {
    for (const question of questions) await askOne(`http://127.0.0.1:${started.value.port}`, question);
  };
  try {
    const problem = await settled;
    if (problem !== null) throw new Error(`it does not run from its sources:\n${problem}`);
    await ask(fixture.requests ?? []);
    const edited = Object.entries(fixture.edit?.files ?? {});
    for (const [path, content] of edited) bench.write(`${SERVICE}/${path}`, content);
    await until(() => ask(fixture.edit?.requests ?? []), (fixture.timeout ?? 120_000) * SHARE);
  } catch (error) {
    const printed = log.slice(-LAST_LINES).map(line => `  | ${line}`);
    throw new Error([(error as Error).message, ...printed].join('\n'), { cause: error });
  } finally {
    await started.value.stop();
  }
  const left = await processesLeft(mark);
  if (left.length > 0) throw new Error(`these processes are left after svc dev:\n${left.join('\n')}`);
}

/** The builder under test is named for its service, whatever it detects. */
function nameBuilder(bench: Bench, { fixture, builder }: Trial): void {
  const services = {
    [SERVICE]: named(fixture.local ?? {}, builder),
    [neighbourBuilder.name]: { builder: neighbourBuilder.name },
  };
  bench.write('svc.json', { services });
}

/** Tries again until it succeeds; rejects with the last problem. `patience` is in milliseconds. */
async function until(attempt: () => Promise<void>, patience: number): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause();
    }
  }
}
