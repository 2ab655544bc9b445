import { execFile } from 'node:child_process';
import type { Runtime } from '../deployment/function-config.ts';
import { serverToldOver } from './ipc.ts';
import type { LaunchContext } from './launch-plans.ts';
import { freePort } from './probe.ts';
import type { LaunchPlan } from './processes.ts';

/** A Python function: its trampoline starts a server of its own and tells where it listens. */
export async function pythonPlan(
  { program, version }: Extract<Runtime, { type: 'python' }>,
  { folder, env, directory }: LaunchContext,
): Promise<LaunchPlan> {
  const ipc = folder.path('ipc');
  return {
    file: await findPython(version, env),
    args: [program],
    cwd: directory,
    env: { ...env, PYTHONUNBUFFERED: '1', VERCEL_IPC_PATH: ipc, PORT: String(await freePort()) },
    ready: signal => serverToldOver(ipc, signal),
  };
}

/**
 * Compiled packages fit one minor version of Python only, so that one is preferred. Version managers put commands on `PATH`
 * that only say that they are not installed, so it is tried.
 */
async function findPython(
  version: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const name = `python${version}`;
  return version !== undefined && (await runs(name, env)) ? name : 'python3';
}

function runs(file: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  return new Promise(resolve =>
    execFile(file, ['--version'], { env, cwd: '/' }, error => resolve(error === null)),
  );
}
