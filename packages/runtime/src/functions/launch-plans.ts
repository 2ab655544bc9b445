import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { never } from '@svc/contracts';
import type { DeployedFunction, Runtime } from '../deployment/function-config.ts';
import { type LaunchOrders, ORDERS_VARIABLE, VISIBLE_VARIABLE } from '../launcher/orders.ts';
import type { Endpoint } from '../proxy/connection.ts';
import { launchContainer } from './container/launch.ts';
import { serverToldOver } from './ipc.ts';
import { firstToAccept, freePort, onLoopback } from './probe.ts';
import { type LaunchPlan, StartError } from './processes.ts';
import { pythonPlan } from './python.ts';
import type { RunFolder } from './run-folder.ts';

export interface LaunchContext {
  readonly folder: RunFolder;
  /** Absolute paths of the bundled `launcher/main.ts` and `launcher/edge/main.ts`. */
  readonly programs: { readonly launcher: string; readonly edgeLauncher: string };
  /** The function's whole environment but what its launch adds. */
  readonly env: Readonly<Record<string, string>>;
  /** What of it was meant for the function rather than found on this machine: of env files, the deployment, bindings. */
  readonly given: Readonly<Record<string, string>>;
  /** What of it leads to other services: variable -> URL on loopback. */
  readonly bindings: Readonly<Record<string, string>>;
  readonly service: string | null;
  /** Megabytes; null when nothing says. */
  readonly memory: number | null;
  /** Where the deployment itself answers without TLS, as in URLs. */
  readonly ownHosts: readonly string[];
  /** Names of the variables that the deployment itself sets: those of the function, and bindings. */
  readonly ownVariables: readonly string[];
  /** Where the function's files are; not its place in the deployment when some had to be gathered. */
  readonly directory: string;
  /** Milliseconds. */
  readonly startTimeout: number;
}

/** The client's headers and those that svc adds may be larger together than what Node allows by default. */
const LARGEST_HEADERS = '--max-http-header-size=131072';

/** A heap that is full tells more about the cause than a process that is ended for its size. */
function heapLimit(memory: number | null): string[] {
  return memory === null ? [] : [`--max-old-space-size=${memory}`];
}

/** How to start one process of a function, by its runtime. @throws StartError for what cannot be run. */
export async function planLaunch(fn: DeployedFunction, context: LaunchContext): Promise<LaunchPlan> {
  const { runtime } = fn;
  switch (runtime.type) {
    case 'node':
      return nodePlan(context);
    case 'edge':
      return edgePlan(runtime, context);
    case 'python':
      return pythonPlan(runtime, context);
    case 'server':
      return serverPlan(join(context.directory, runtime.program), context);
    case 'container':
      return launchContainer(runtime, context);
    case 'unsupported':
      throw new StartError(runtime.reason);
    default:
      return never(runtime);
  }
}

/** Requests come in over a Unix socket; a program that opens `PORT` by other means than Node's HTTP server is found there. */
async function nodePlan(context: LaunchContext): Promise<LaunchPlan> {
  const { folder, programs, env, directory } = context;
  const port = await freePort();
  const { socket, orders } = ordersIn(context);
  return {
    file: process.execPath,
    args: launcherArguments(programs.launcher, context),
    cwd: directory,
    env: { ...env, PORT: String(port), [ORDERS_VARIABLE]: orders },
    ready: signal =>
      Promise.race([reported(folder, socket, signal), firstToAccept(onLoopback(port), signal)]),
    cleanUp: () => removeSocket(socket),
  };
}

function launcherArguments(program: string, { memory, directory }: LaunchContext): string[] {
  return ['--enable-source-maps', LARGEST_HEADERS, ...heapLimit(memory), program, directory];
}

function ordersIn({ folder, startTimeout, service, ownHosts }: LaunchContext): {
  readonly socket: string;
  readonly orders: string;
} {
  const socket = folder.path('sock');
  const orders: LaunchOrders = {
    instance: socket,
    socket,
    control: folder.control,
    // So that the launcher's own reason comes first.
    patience: startTimeout * 0.9,
    service,
    ownHosts,
  };
  return { socket, orders: JSON.stringify(orders) };
}

/** Code for the edge runs in a context of its own inside a Node process: that has the limits, and may crash. */
function edgePlan({ variables }: Extract<Runtime, { type: 'edge' }>, context: LaunchContext): LaunchPlan {
  const { folder, programs, env, directory } = context;
  const { socket, orders } = ordersIn(context);
  const visible = variables === null ? null : [...variables, ...context.ownVariables];
  return {
    file: process.execPath,
    args: launcherArguments(programs.edgeLauncher, context),
    cwd: directory,
    env: { ...env, [ORDERS_VARIABLE]: orders, [VISIBLE_VARIABLE]: JSON.stringify(visible) },
    ready: signal => reported(folder, socket, signal),
    cleanUp: () => removeSocket(socket),
  };
}

/** A process that ends in a hurry leaves its socket behind: one more file for each crash. */
async function removeSocket(socket: string): Promise<void> {
  try {
    await unlink(socket);
  } catch (error) {
    // Most remove it themselves.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function reported(folder: RunFolder, socket: string, signal: AbortSignal): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    const forget = folder.onReport(socket, report => {
      switch (report.state) {
        case 'listening':
          // What a process says of itself is checked by a connection.
          resolve(firstToAccept([{ path: socket }], signal));
          return;
        case 'failed':
          reject(new StartError(report.message));
          return;
        case 'tags':
          return;
        default:
          never(report);
      }
    });
    signal.addEventListener('abort', forget, { once: true });
  });
}

/** The program listens on `PORT`; a bridge without a server beside it tells over `VERCEL_IPC_PATH` where it listens. */
async function serverPlan(file: string, { env, directory, folder }: LaunchContext): Promise<LaunchPlan> {
  const port = await freePort();
  const ipc = folder.path('ipc');
  return {
    file,
    args: [],
    cwd: directory,
    // What is made with the crate vercel_runtime listens there, and otherwise always on 3000.
    env: { ...env, PORT: String(port), VERCEL_DEV_PORT: String(port), VERCEL_IPC_PATH: ipc },
    ready: signal => Promise.race([serverToldOver(ipc, signal), firstToAccept(onLoopback(port), signal)]),
  };
}
