import { startDeployment } from '@svc/runtime';
import { openSession } from '../session.ts';
import { findDeployment } from '../start/deployment.ts';
import { readDeclaredEnv } from '../start/env.ts';
import { openLog } from '../start/log.ts';
import { readStartOptions } from '../start/options.ts';
import { PROGRAMS } from '../start/programs.ts';
import { readProtection } from '../start/protection.ts';
import { usageTable } from '../start/usage-table.ts';

/** Runs a deployment until it is told to stop. */
export async function run(args: readonly string[]): Promise<number> {
  const session = openSession({ json: false });
  const options = readStartOptions(args);
  if (!options.ok) return session.refuse(options.failures);
  const deployment = await findDeployment(options.value.deployment);
  if (!deployment.ok) return session.refuse(deployment.failures);
  const declaredEnv = await readDeclaredEnv(options.value.envFiles);
  if (!declaredEnv.ok) return session.refuse(declaredEnv.failures);
  const protection = await readProtection(options.value, process.env);
  if (!protection.ok) return session.refuse(protection.failures);

  const log = openLog(options.value.log);
  const { adminPort, ...settings } = options.value;
  const started = await startDeployment({
    ...settings,
    ...(adminPort !== undefined && { adminPort }),
    ...(protection.value && { protection: protection.value }),
    directory: deployment.value.directory,
    env: process.env,
    declaredEnv: declaredEnv.value,
    programs: PROGRAMS,
    emit: log.emit,
  });
  if (!started.ok) return session.refuse(started.failures);
  log.started(started.value, options.value);
  await stopped(session.signal);
  await started.value.stop();
  log.close();
  if (options.value.usage) process.stdout.write(usageTable(started.value.usage()));
  return session.interrupted();
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
