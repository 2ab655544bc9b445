import { join } from 'node:path';
import { never } from '@svc/contracts';
import type { DeployedFunction } from '../deployment/function-config.ts';
import { type LaunchOrders, ORDERS_VARIABLE } from '../launcher/orders.ts';
import type { Endpoint } from '../proxy/connection.ts';
import { serverToldOver } from './ipc.ts';
import { firstToAccept, freePort, onLoopback } from './probe.ts';
import { type LaunchPlan, StartError } from './processes.ts';
import { pythonPlan } from './python.ts';
import type { RunFolder } from './run-folder.ts';

export interface LaunchContext {
  readonly folder: RunFolder;
  /** Absolute path of the bundled `launcher/main.ts`. */
  readonly launcher: string;
  /** The function's whole environment but what its launch adds. */
  readonly env: Readonly<Record<string, string>>;
  /** What of it was meant for the function rather than found on this machine: of env files, the deployment, bindings. */
  readonly given: Readonly<Record<string, string>>;
  /** What of it leads to other services: variable -> URL on loopback. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Where the function's files are; not its place in the deployment when some had to be gathered. */
  readonly directory: string;
  /** Milliseconds. */
  readonly startTimeout: number;
}

/** How to start one process of a function, by its runtime. @throws StartError for what cannot be run. */
export async function planLaunch(fn: DeployedFunction, context: LaunchContext): Promise<LaunchPlan> {
  const { runtime } = fn;
  switch (runtime.type) {
    case 'node':
      return nodePlan(context);
    case 'python':
      return pythonPlan(runtime, context);
    case 'server':
      return serverPlan(join(context.directory, runtime.program), context);
    case 'container':
      return (await import('./container/plan.ts')).containerPlan(runtime, context);
    case 'unsupported':
      throw new StartError(runtime.reason);
    default:
      return never(runtime);
  }
}

/** Requests come in over a Unix socket; a program that opens `PORT` by other means than Node's HTTP server is found there. */
async function nodePlan(context: LaunchContext): Promise<LaunchPlan> {
  const { folder, launcher, env, directory, startTimeout } = context;
  const socket = folder.path('sock');
  const port = await freePort();
  const orders: LaunchOrders = {
    instance: socket,
    socket,
    control: folder.control,
    // So that the launcher's own reason comes first.
    patience: startTimeout * 0.9,
  };
  return {
    file: process.execPath,
    // The client's headers and those that svc adds may be larger together than what Node allows by default.
    args: ['--enable-source-maps', '--max-http-header-size=131072', launcher, directory],
    cwd: directory,
    env: { ...env, PORT: String(port), [ORDERS_VARIABLE]: JSON.stringify(orders) },
    ready: signal =>
      Promise.race([reported(folder, socket, signal), firstToAccept(onLoopback(port), signal)]),
  };
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
