import type { DeployedFunction } from '../deployment/function-config.ts';
import { materialise } from '../deployment/materialise.ts';
import type { DeploymentOnDisk } from '../deployment/read.ts';
import type { EmitRuntime } from '../events.ts';
import type { InstanceSums } from '../metering/instance-meter.ts';
import { conflictOf, functionEnvironment } from './environment.ts';
import { FunctionHost } from './host.ts';
import type { LaunchContext } from './launch-plans.ts';
import { StartError } from './processes.ts';
import { openRunFolder, type RunFolder } from './run-folder.ts';

/** Absolute paths of the bundled programs that run beside svc. */
export interface Programs {
  /** `launcher/main.ts` */
  readonly launcher: string;
  /** `launcher/edge/main.ts` */
  readonly edgeLauncher: string;
  /** `watchdog/main.ts` */
  readonly watchdog: string;
}

export interface HostsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly declaredEnv: Readonly<Record<string, string>>;
  readonly programs: Programs;
  readonly emit: EmitRuntime;
  readonly startTimeout?: number;
  /** Where the instances of a service add up what they use. */
  readonly sumsOf: (service: string | null) => InstanceSums;
  /** Where the deployment itself answers, as in URLs; asked when a function starts. */
  readonly ownHosts: () => readonly string[];
  /** Something with these tags has changed, by what a function says. */
  readonly onTags: (event: { readonly service: string | null; readonly tags: readonly string[] }) => void;
}

export interface FunctionHosts {
  of(fn: DeployedFunction): FunctionHost;
  /** Starts everything that can be run. What does not come up is told as a problem. */
  startAll(): Promise<void>;
  /** Tells of variables that the user has set and that a binding sets as well. */
  warnOfConflicts(): void;
  /** Brings the measurements of all instances up to date. */
  measure(): void;
  /** Running instances by service. */
  instances(): ReadonlyMap<string | null, number>;
  /** The private folder of this run, made when it is first wanted. */
  folder(): Promise<RunFolder>;
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
  const hosts = new Map<string, { readonly host: FunctionHost; readonly service: string | null }>();
  let folder: Promise<RunFolder> | undefined;
  const shared = () => {
    folder ??= openRunFolder(options.programs.watchdog).then(opened => {
      opened.onTags(options.onTags);
      return opened;
    });
    return folder;
  };
  const sourcesOf = (fn: DeployedFunction) => ({
    caller: options.env,
    declared: options.declaredEnv,
    deployed: fn.environment,
  });
  const middleware = middlewareOf(deployment);
  /** The platform gives no bindings to middleware. */
  const boundTo = (fn: DeployedFunction) => (middleware.has(fn.directory) ? {} : bindings(fn.service));
  const contextOf = (fn: DeployedFunction) => {
    let directory: Promise<string> | undefined;
    return async (): Promise<LaunchContext> => {
      const run = await shared();
      directory ??= gathered(fn, deployment, run);
      return {
        folder: run,
        programs: options.programs,
        service: fn.service,
        memory: fn.memory,
        ownHosts: options.ownHosts(),
        env: functionEnvironment({ ...sourcesOf(fn), bindings: boundTo(fn) }),
        ownVariables: [...Object.keys(fn.environment), ...Object.keys(boundTo(fn))],
        given: { ...options.declaredEnv, ...fn.environment, ...boundTo(fn) },
        bindings: boundTo(fn),
        directory: await directory,
        startTimeout: options.startTimeout ?? START_TIMEOUT,
      };
    };
  };
  const of = (fn: DeployedFunction): FunctionHost => {
    let known = hosts.get(fn.directory);
    if (!known) {
      known = { host: openHost(fn, contextOf(fn), options), service: fn.service };
      hosts.set(fn.directory, known);
    }
    return known.host;
  };
  const functions = deployment.services
    .concat(deployment.public)
    .flatMap(tree => [...tree.outputs.functions.values()]);
  return {
    of,
    folder: shared,
    measure: () => {
      for (const { host } of hosts.values()) host.measure();
    },
    instances: () => {
      const counts = new Map<string | null, number>();
      for (const { host, service } of hosts.values()) {
        counts.set(service, (counts.get(service) ?? 0) + host.size);
      }
      return counts;
    },
    startAll: async () => {
      const runnable = functions.filter(({ runtime }) => runtime.type !== 'unsupported');
      await Promise.allSettled(
        runnable.map(async fn => {
          const instance = await of(fn).acquire();
          instance.finish(false);
        }),
      );
    },
    warnOfConflicts: () => {
      for (const message of conflicts(functions, sourcesOf, bindings)) options.emit(message);
    },
    close: async () => {
      await Promise.all([...hosts.values()].map(({ host }) => host.close()));
      await (await folder)?.close();
    },
  };
}

/** The folders of functions that run as middleware. */
function middlewareOf(deployment: DeploymentOnDisk): ReadonlySet<string> {
  const trees = [deployment.public, ...deployment.services];
  return new Set(
    trees.flatMap(({ routes, outputs }) =>
      routes.flatMap(route => {
        const path = 'middlewarePath' in route ? String(route.middlewarePath) : undefined;
        return (path !== undefined && outputs.functions.get(path.replace(/^\//, ''))?.directory) || [];
      }),
    ),
  );
}

function openHost(
  fn: DeployedFunction,
  context: () => Promise<LaunchContext>,
  { emit, sumsOf }: HostsOptions,
): FunctionHost {
  const { service, name } = fn;
  return new FunctionHost({
    fn,
    context,
    grace: GRACE,
    sums: sumsOf(service),
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
