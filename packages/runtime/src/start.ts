import type { Server } from 'node:http';
import { ok, type Result } from '@svc/contracts';
import type { DeployedFunction } from './deployment/function-config.ts';
import { type DeploymentOnDisk, readDeployment, type Tree } from './deployment/read.ts';
import { routerOf } from './deployment/tables.ts';
import type { EmitRuntime } from './events.ts';
import { functionHosts, type Programs } from './functions/hosts.ts';
import { findTransform, type Transform } from './images/transform.ts';
import { Meter, type ServiceUsage } from './metering/meter.ts';
import { prometheusText } from './metering/prometheus.ts';
import { PageCache } from './prerender/page-cache.ts';
import { PageStore } from './prerender/page-store.ts';
import { guardOf, type ProtectionOptions } from './protection/guard.ts';
import { close, openPort } from './server/addresses.ts';
import { adminServer } from './server/admin.ts';
import { openBindings } from './server/bindings.ts';
import { type Door, noTraffic } from './server/door.ts';
import { drain } from './server/drain.ts';
import { listener } from './server/listener.ts';
import type { Site } from './server/site.ts';
import { FileStore } from './static/file-store.ts';

export interface StartOptions {
  /** A Build Output v3 directory. */
  readonly directory: string;
  readonly port: number;
  /** Fail when the port is taken, rather than take the next free one. */
  readonly isPortFixed: boolean;
  /** An address or a host name; without one, loopback on both address families. */
  readonly host: string | undefined;
  /** Start all functions at once, rather than each with its first request. */
  readonly eager: boolean;
  /** The environment that functions inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables of env files: they win over `env`. */
  readonly declaredEnv: Readonly<Record<string, string>>;
  readonly programs: Programs;
  /** Keeps the public out that has neither the password nor the token. */
  readonly protection?: ProtectionOptions;
  /** The port for `/metrics` on 127.0.0.1; 0 for any, none when absent. */
  readonly adminPort?: number;
  readonly emit: EmitRuntime;
  /** Milliseconds since 1970, by which pages age; the clock's when absent. */
  readonly now?: () => number;
  /** Milliseconds until a function must accept requests; 60,000 when absent. */
  readonly startTimeout?: number;
  /** Milliseconds that running requests have to end when the deployment is stopped; 7,000 when absent. */
  readonly drainTimeout?: number;
}

export interface RunningDeployment {
  /** `dpl_…`; null for a deployment that svc did not make. */
  readonly id: string | null;
  readonly port: number;
  /** Where the metrics are; null without an admin port. */
  readonly metricsUrl: string | null;
  /** Where it answers: `http://127.0.0.1:3000`. */
  readonly urls: readonly string[];
  readonly services: readonly string[];
  /** What cannot be run, each with the reason; requests for it are answered with 501. */
  readonly unsupported: readonly {
    readonly service: string | null;
    readonly name: string;
    readonly reason: string;
  }[];
  usage(): readonly ServiceUsage[];
  /** Takes no more requests, lets running ones end, and stops every process. Never rejects. */
  stop(): Promise<void>;
}

const IMAGE_LIMITS = { memory: 32 * 1024 ** 2, disk: 256 * 1024 ** 2, pages: 5_000 };
const NO_SHARP =
  'images are served in their own size and format: the package "sharp" is neither beside svc nor in the project (npm install sharp)';

/**
 * Runs a deployment: opens its port and its bindings; functions start when they are first asked for.
 *
 * Fails with `deployment-not-found` or `deployment-invalid`, and with `address-unavailable` when the port cannot be had.
 */
export async function startDeployment(options: StartOptions): Promise<Result<RunningDeployment>> {
  const read = await readDeployment(options.directory);
  if (!read.ok) return read;
  const deployment = read.value;
  const environment = { ...options.env, ...options.declaredEnv };
  const router = routerOf(deployment, environment);
  if (!router.ok) return router;

  const trees = new Map<string | null, Tree>(
    [deployment.public, ...deployment.services].map(tree => [tree.service, tree]),
  );
  const meter: Meter = new Meter(
    deployment.services.flatMap(({ service }) => service ?? []),
    () => hosts.measure(),
  );
  const hosts = functionHosts(
    deployment,
    {
      ...options,
      ownHosts: () => ownHosts,
      onTags: event => site.pages.changed(event),
      sumsOf: service => meter.sumsOf(service),
    },
    service => bindings.variables(service),
  );
  let ownHosts: readonly string[] = [];
  const now = options.now ?? Date.now;
  let transform: Transform | null = null;
  let toldOfImages = false;
  const site: Site = {
    router: router.value,
    tree: service => {
      const tree = trees.get(service);
      if (!tree) throw new Error(`the router chose the service ${service}, which is not there`);
      return tree;
    },
    host: hosts.of,
    files: new FileStore(),
    pages: new PageCache(new PageStore(async () => (await hosts.folder()).path('pages')), now, now()),
    images: new PageCache(
      new PageStore(async () => (await hosts.folder()).path('images'), IMAGE_LIMITS),
      now,
      now(),
    ),
    transform: () => {
      transform ??= findTransform(deployment.directory);
      if (transform || toldOfImages) return transform;
      toldOfImages = true;
      options.emit({ type: 'problem', service: null, message: NO_SHARP });
      return null;
    },
    meter,
    emit: options.emit,
  };
  const traffic = noTraffic();
  const create = (door: Door) => listener(site, door, traffic);
  const bindings = await openBindings(deployment.services, router.value, create);
  const publicDoor: Door = {
    caller: null,
    decide: request => router.value.decide(request),
    ...(options.protection && {
      guard: guardOf(options.protection, deployment.id ?? deployment.directory, now),
    }),
  };
  const opened = await openPort(() => create(publicDoor), {
    port: options.port,
    isFixed: options.isPortFixed,
    host: options.host,
  });
  if (!opened.ok) {
    await Promise.all(bindings.servers.map(close));
    return opened;
  }
  const admin = await openAdmin(options.adminPort, () => prometheusText(meter.usage(), hosts.instances()));
  if (!admin.ok) {
    await Promise.all([...opened.value.servers, ...bindings.servers].map(close));
    return admin;
  }
  const { servers, port } = opened.value;
  ownHosts = [...opened.value.hosts, 'localhost'].map(host => `${host}:${port}`);
  hosts.warnOfConflicts();
  if (options.eager) await hosts.startAll();
  return ok({
    id: deployment.id,
    port,
    metricsUrl: admin.value?.url ?? null,
    urls: opened.value.hosts.map(host => `http://${host}:${port}`),
    services: deployment.services.flatMap(({ service }) => service ?? []),
    unsupported: unsupportedOf(deployment),
    usage: () => site.meter.usage(),
    stop: async () => {
      await drain(servers, traffic, options.drainTimeout ?? 7_000);
      if (admin.value) await close(admin.value.server);
      await hosts.close();
      // Last, since requests that were still running may have called over a binding.
      await drain(bindings.servers, traffic, 0);
    },
  });
}

async function openAdmin(
  port: number | undefined,
  metrics: () => string,
): Promise<Result<{ readonly server: Server; readonly url: string } | null>> {
  if (port === undefined) return ok(null);
  const opened = await openPort(() => adminServer(metrics), { port, isFixed: true, host: '127.0.0.1' });
  if (!opened.ok) return opened;
  const [server] = opened.value.servers;
  return ok(server ? { server, url: `http://127.0.0.1:${opened.value.port}/metrics` } : null);
}

function unsupportedOf(deployment: DeploymentOnDisk) {
  const functions: DeployedFunction[] = [deployment.public, ...deployment.services].flatMap(tree => [
    ...tree.outputs.functions.values(),
  ]);
  return functions.flatMap(({ service, name, runtime }) =>
    runtime.type === 'unsupported' ? [{ service, name, reason: runtime.reason }] : [],
  );
}
