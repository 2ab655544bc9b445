import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { DevelopmentServer } from '@svc/builder-kit';
import { never } from '@svc/contracts';
import {
  type Endpoint,
  firstToAccept,
  freePort,
  type LaunchOrders,
  type LaunchPlan,
  ORDERS_VARIABLE,
  onLoopback,
  type RunFolder,
  StartError,
} from '@svc/runtime';
import { containerPlan } from './launch-container.ts';

/** Programs of svc that services run with. */
export interface DevPrograms {
  /** Absolute path of the bundled `launcher/main.ts` of the runtime. */
  readonly launcher: string;
  readonly watchdog: string;
  /** URL of the module that makes Node load TypeScript. */
  readonly typescript: string;
}

export interface LaunchPlace {
  readonly name: string;
  /** Where the whole project answers, as in URLs. */
  readonly ownHosts: readonly string[];
  /** Absolute path of the service's root. */
  readonly root: string;
  /** Absolute path of the service's own folder. */
  readonly state: string;
  readonly env: Readonly<Record<string, string>>;
  /** What of it was meant for the service rather than found on this machine. */
  readonly given: Readonly<Record<string, string>>;
  /** What of it leads to other services: variable -> URL on loopback. */
  readonly bindings: Readonly<Record<string, string>>;
  readonly folder: RunFolder;
  readonly programs: DevPrograms;
}

/** Longer than anybody waits: a service that does not come up is named, and left to try. Milliseconds. */
export const START_TIMEOUT = 24 * 60 * 60_000;

/** How to start a service that is a process. @throws StartError for a container that docker will not run. */
export function planLaunch(
  serve: Exclude<DevelopmentServer, { type: 'files' }>,
  place: LaunchPlace,
): Promise<LaunchPlan & { readonly port: number }> {
  switch (serve.type) {
    case 'command':
      return commandPlan(serve.line, place);
    case 'module':
      return modulePlan(serve.file, place);
    case 'container':
      return containerPlan(serve, place);
    default:
      return never(serve);
  }
}

async function commandPlan(line: string, { root, env }: LaunchPlace) {
  const port = await unusedPort();
  return {
    port,
    file: '/bin/sh',
    args: ['-c', line],
    cwd: root,
    env: { ...env, PORT: String(port) },
    ready: (signal: AbortSignal) => firstToAccept(onLoopback(port), signal),
  };
}

/** By the launcher that runs functions of deployments, so that a module has the same forms to choose from. */
async function modulePlan(file: string, place: LaunchPlace) {
  const { name, root, state, env, folder, programs, ownHosts } = place;
  const port = await unusedPort();
  const socket = folder.path('sock');
  const orders: LaunchOrders = {
    instance: socket,
    socket,
    control: folder.control,
    patience: START_TIMEOUT,
    service: name,
    ownHosts,
  };
  const handler = relative(state, isAbsolute(file) ? file : join(root, file));
  await mkdir(state, { recursive: true });
  await writeFile(join(state, '.vc-config.json'), JSON.stringify({ handler }));
  return {
    port,
    file: process.execPath,
    args: [
      '--enable-source-maps',
      '--max-http-header-size=131072',
      '--import',
      programs.typescript,
      programs.launcher,
      state,
    ],
    cwd: root,
    env: { ...env, PORT: String(port), [ORDERS_VARIABLE]: JSON.stringify(orders) },
    ready: (signal: AbortSignal) =>
      Promise.race([reported(folder, socket, signal), firstToAccept(onLoopback(port), signal)]),
  };
}

function reported(folder: RunFolder, socket: string, signal: AbortSignal): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    const forget = folder.onReport(socket, report => {
      // Development keeps no pages, so there is nothing that a tag could expire.
      if (report.state === 'tags') return;
      if (report.state === 'failed') reject(new StartError(report.message));
      // What a process says of itself is checked by a connection.
      else resolve(firstToAccept([{ path: socket }], signal));
    });
    signal.addEventListener('abort', forget, { once: true });
  });
}

const given = new Set<number>();

/** A free port that no other service of this run was given: services open theirs some time after they are told. */
async function unusedPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}
