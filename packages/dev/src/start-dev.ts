import { loadProject } from '@svc/config';
import { type Failure, failed, never, ok, type Project, type Result } from '@svc/contracts';
import type { DevelopedService } from '@svc/planner';
import {
  close,
  type Door,
  drain,
  FileStore,
  type Listening,
  listener,
  Meter,
  noTraffic,
  openPort,
  openRunFolder,
  PageCache,
  PageStore,
  type RunFolder,
  type Site,
} from '@svc/runtime';
import { openSources } from '@svc/sources';
import type { ServiceState } from './events.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import { Follower } from './follower.ts';
import { portHolder } from './port-holder.ts';
import { Progress } from './progress.ts';
import { BindingDoors } from './routing/binding-doors.ts';
import { showProblem } from './routing/problem-page.ts';

export interface DevOptions extends FleetOptions {
  /** Absolute path of the project's folder. */
  readonly directory: string;
  readonly port: number;
  /** Fail when the port is taken, rather than take the next free one. */
  readonly isPortFixed: boolean;
  /** An address or a host name; without one, loopback on both address families. */
  readonly host: string | undefined;
  /** Called as soon as the port is open. */
  readonly onListening: (port: number) => void;
}

export interface RunningDev {
  readonly port: number;
  readonly urls: readonly string[];
  services(): readonly {
    readonly name: string;
    readonly state: ServiceState;
    readonly command: string | null;
  }[];
  /** Starts services again: all of them, or the one of that name. */
  restart(name?: string): void;
  /** Stops every process and everything they started. Never rejects. */
  stop(): Promise<void>;
}

/** Milliseconds that running requests have to end when svc is stopped: nobody waits for a development server. */
const DRAIN = 300;

/**
 * Runs all services from their sources behind one router, and follows every change of sources and configuration.
 *
 * Fails with what is wrong with the configuration, with `unknown-service-filter`, and with `address-unavailable`. What is wrong
 * with one service is told as an event and keeps nobody else from running.
 */
export async function startDev(options: DevOptions): Promise<Result<RunningDev>> {
  const { emit } = options;
  const project = await loadProject(options.directory, { env: options.env });
  if (!project.ok) return project;
  const unknown = unknownServices(project.value, options.only);
  if (unknown.length > 0) return failed(...unknown);
  for (const notice of project.value.warnings) emit({ type: 'notice', notice });

  const sources = await openSources(project.value.boundary);
  const folder = await openRunFolder(options.programs.watchdog);
  const progress = new Progress(emit);
  const watched: DevOptions = {
    ...options,
    emit: event => {
      emit(event);
      if (event.type === 'service.state') progress.look([...fleet.services.values()]);
    },
  };
  const fleet = new Fleet(project.value, sources, folder, watched, () => doors);
  const site = siteOf(fleet, folder, options);
  const traffic = noTraffic();
  const create = (door: Door) => listener(site, door, traffic);
  const doors = new BindingDoors(() => fleet.router, create);
  const door: Door = { caller: null, decide: request => fleet.decide(request) };
  const services = () => describeServices(fleet);
  const follower = new Follower(fleet, sources, options);
  let following: Promise<void> | undefined;
  let listening: Listening = { servers: [], port: 0, hosts: [] };
  const applied = await fleet.apply(project.value, sources, async () => {
    const opened = await openPort(() => create(door), {
      port: options.port,
      isFixed: options.isPortFixed,
      host: options.host,
    });
    if (!opened.ok) return failed(...opened.failures.map(failure => withHolder(failure, options.port)));
    listening = opened.value;
    options.onListening(listening.port);
    fleet.ownHosts = [...listening.hosts, 'localhost'].map(host => `${host}:${listening.port}`);
    emit({ type: 'dev.started', urls: urlsOf(listening), port: listening.port, services: services() });
    // Before anything reads its sources, so that no edit falls between the two.
    following = follower.start();
    return ok(undefined);
  });
  const end = async () => {
    await drain(listening.servers, traffic, DRAIN);
    await fleet.stop();
    for (const server of doors.servers) server.closeAllConnections();
    await Promise.all(doors.servers.map(close));
    await folder.close();
  };
  if (!applied.ok) {
    await end();
    return applied;
  }
  await following;
  return ok({
    port: listening.port,
    urls: urlsOf(listening),
    services,
    restart: name => {
      for (const service of fleet.services.values()) {
        if ((name === undefined || service.name === name) && service.state !== 'off' && service.way) {
          service.restart();
        }
      }
    },
    stop: async () => {
      await follower.stop();
      await end();
    },
  });
}

function urlsOf({ hosts, port }: Listening): string[] {
  return hosts.map(host => `http://${host}:${port}`);
}

function siteOf(fleet: Fleet, folder: RunFolder, { emit }: FleetOptions): Site {
  const noPages = () => new PageCache(new PageStore(async () => folder.path('pages')), Date.now, Date.now());
  return {
    get router() {
      return fleet.router;
    },
    tree: service => fleet.tree(service),
    host: fn => fleet.host(fn.service),
    // Files are being worked on: none is remembered.
    get files() {
      return new FileStore();
    },
    // Nothing is prerendered and no image is made: both belong to a build.
    pages: noPages(),
    images: noPages(),
    transform: () => null,
    meter: new Meter([], () => undefined),
    emit: event => {
      if (event.type === 'request' || event.type === 'problem') emit(event);
    },
    showProblem: (visit, problem) => {
      const service = fleet.services.get(visit.service ?? '');
      if (service) showProblem(visit, problem, service);
      return service !== undefined;
    },
  };
}

function describeServices(fleet: Fleet) {
  const { rules } = fleet.project.public;
  return [...fleet.services.values()].map(({ name, state }) => {
    const developed = fleet.developed(name);
    const command = developed ? commandOf(developed) : null;
    const paths = rules.filter(({ target }) => target.split(' ')[0] === name).map(({ source }) => source);
    return { name, kind: developed?.kind ?? null, command, paths, state };
  });
}

/** What runs, in the words of a user. */
function commandOf({ directory, development: { serve } }: DevelopedService): string {
  switch (serve.type) {
    case 'command':
    case 'container':
      return serve.label;
    case 'module':
      return serve.file;
    case 'files':
      return `files of ${serve.from === '.' ? directory : serve.from}`;
    default:
      return never(serve);
  }
}

function unknownServices({ services }: Project, only: readonly string[] | null): Failure[] {
  const names = services.map(({ name }) => name);
  return (only ?? [])
    .filter(name => !names.includes(name))
    .map(name => ({
      code: 'unknown-service-filter',
      message: `there is no service "${name}"`,
      help: `The services are: ${names.join(', ')}.`,
    }));
}

/** Who has the port, where the system tells. */
function withHolder(failure: Failure, port: number): Failure {
  const holder = failure.code === 'address-unavailable' ? portHolder(port) : undefined;
  if (!holder) return failure;
  return {
    ...failure,
    message: `port ${port} is taken by process ${holder.pid}: ${holder.command}`,
    help: `End it (\`kill ${holder.pid}\`), or name another port with --port.`,
  };
}
