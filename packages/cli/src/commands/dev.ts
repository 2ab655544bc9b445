import { resolve } from 'node:path';
import { findProject } from '@svc/config';
import { EXIT } from '@svc/contracts';
import { holdCheckout, startDev } from '@svc/dev';
import { ANY_ENGINE } from '../build/containers.ts';
import { namedBuilders, ownBuilders, toolModules } from '../builders.ts';
import { readKeys } from '../dev/keys.ts';
import { readDevOptions } from '../dev/options.ts';
import { watchRunner } from '../dev/runner.ts';
import { openScreen } from '../dev/screen.ts';
import { leaveClosedTerminal } from '../dev/terminal.ts';
import { openSession } from '../session.ts';
import { devPrograms } from '../start/programs.ts';

/** Runs all services from their sources until it is told to stop. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readDevOptions(args);
  const session = openSession({ json: options.ok && options.value.json });
  if (!options.ok) return session.refuse(options.failures);
  const location = await findProject(resolve(options.value.directory));
  if (!location.ok) return session.refuse(location.failures);
  const { directory } = location.value;
  const lock = holdCheckout(directory);
  if (!lock.ok) return session.refuse(lock.failures);
  process.on('exit', lock.value.release);

  const screen = openScreen(options.value);
  const builders = ownBuilders(ANY_ENGINE);
  const started = await startDev({
    ...options.value,
    directory,
    builders,
    plugins: project => namedBuilders(project, builders, { ...session, emit: screen.tell }),
    tools: toolModules(builders),
    programs: devPrograms(),
    env: process.env,
    color: screen.color,
    emit: screen.emit,
    onListening: lock.value.tell,
  });
  if (!started.ok) return session.refuse(started.failures);
  const keys = readKeys(started.value, screen);
  const runner = watchRunner(process.env);
  const orphaned = runner.gone.then(() => true);
  const isOrphan = await Promise.race([stopped(session.signal), keys.quit, orphaned]);
  runner.close();
  keys.close();
  await started.value.stop();
  screen.close();
  leaveClosedTerminal();
  if (session.signal.aborted) return session.interrupted();
  return isOrphan === true ? EXIT.terminated : EXIT.done;
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
