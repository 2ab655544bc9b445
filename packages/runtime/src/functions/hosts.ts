import type { DeployedFunction } from '../deployment/function-config.ts';
import { materialise } from '../deployment/materialise.ts';
import type { DeploymentOnDisk } from '../deployment/read.ts';
import type { EmitRuntime } from '../events.ts';
import { conflictOf, functionEnvironment } from './environment.ts';
import { FunctionHost } from './host.ts';
import type { LaunchContext } from './launch-plans.ts';
import { StartError } from './processes.ts';
import { openRunFolder, type RunFolder } from './run-folder.ts';

export interface HostsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly declaredEnv: Readonly<Record<string, string>>;
  readonly programs: { readonly launcher: string; readonly watchdog: string };
  readonly emit: EmitRuntime;
  readonly startTimeout?: number;
}

export interface FunctionHosts {
  of(fn: DeployedFunction): FunctionHost;
  /** Starts everything that can be run. What does not come up is told as a problem. */
  startAll(): Promise<void>;
  /** Tells of variables that the user has set and that a binding sets as well. */
  warnOfConflicts(): void;
  close(): Promise<void>;
}

/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE = 2_000;
const START_TIMEOUT = 60_000;

/** All functions of a deployment. Names that are links to one function share its process. */
export function functionHosts(
  deployment: DeploymentOnDisk,
  options: HostsOptions,
  bindings: (service: string | null) => Readonly<Record<string, string>>,
): FunctionHosts {
  const hosts = new Map<string, FunctionHost>();
  let folder: Promise<RunFolder> | undefined;
  const shared = () => {
    folder ??= openRunFolder(options.programs.watchdog);
    return folder;
  };
  const sourcesOf = (fn: DeployedFunction) => ({
    caller: options.env,
    declared: options.declaredEnv,
    deployed: fn.environment,
  });
  const contextOf = (fn: DeployedFunction) => {
    let directory: Promise<string> | undefined;
    return async (): Promise<LaunchContext> => {
      const run = await shared();
      directory ??= gathered(fn, deployment, run);
      return {
        folder: run,
        launcher: options.programs.launcher,
        env: functionEnvironment({ ...sourcesOf(fn), bindings: bindings(fn.service) }),
        given: { ...options.declaredEnv, ...fn.environment, ...bindings(fn.service) },
        bindings: bindings(fn.service),
        directory: await directory,
        startTimeout: options.startTimeout ?? START_TIMEOUT,
      };
    };
  };
  const of = (fn: DeployedFunction): FunctionHost => {
    let host = hosts.get(fn.directory);
    if (!host) {
      host = openHost(fn, contextOf(fn), options.emit);
      hosts.set(fn.directory, host);
    }
    return host;
  };
  const functions = deployment.services
    .concat(deployment.public)
    .flatMap(tree => [...tree.outputs.functions.values()]);
  return {
    of,
    startAll: async () => {
      const runnable = functions.filter(({ runtime }) => runtime.type !== 'unsupported');
      await Promise.allSettled(runnable.map(fn => of(fn).acquire()));
    },
    warnOfConflicts: () => {
      for (const message of conflicts(functions, sourcesOf, bindings)) options.emit(message);
    },
    close: async () => {
      await Promise.all([...hosts.values()].map(host => host.close()));
      await (await folder)?.close();
    },
  };
}

function openHost(
  fn: DeployedFunction,
  context: () => Promise<LaunchContext>,
  emit: EmitRuntime,
): FunctionHost {
  const { service, name } = fn;
  return new FunctionHost({
    fn,
    context,
    grace: GRACE,
    onLine: (stream, line) => emit({ type: 'function.output', service, name, stream, line }),
    onStarted: duration => emit({ type: 'function.started', service, name, duration }),
    onProblem: cause => emit({ type: 'problem', service, message: `the function ${name}: ${cause}` }),
  });
}

async function gathered(fn: DeployedFunction, deployment: DeploymentOnDisk, run: RunFolder): Promise<string> {
  const files = await materialise(fn, deployment.directory, run.path('func'));
  if (files.ok) return files.value;
  throw new StartError(files.failures.map(({ message, help }) => `${message}. ${help ?? ''}`).join(' '));
}

function conflicts(
  functions: readonly DeployedFunction[],
  sourcesOf: (fn: DeployedFunction) => Parameters<typeof conflictOf>[1],
  bindings: (service: string | null) => Readonly<Record<string, string>>,
) {
  const told = new Map<string, { type: 'problem'; service: string | null; message: string }>();
  for (const fn of functions) {
    for (const name of Object.keys(bindings(fn.service))) {
      const where = conflictOf(name, sourcesOf(fn));
      if (where === null) continue;
      const message = `${name} is set in ${where} and by a binding of ${fn.service}; the binding's value is used`;
      told.set(message, { type: 'problem', service: fn.service, message });
    }
  }
  return told.values();
}
