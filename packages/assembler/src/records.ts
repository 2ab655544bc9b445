import { posix } from 'node:path';
import {
  type Cron,
  type DeployedService,
  isHandle,
  type Json,
  type JsonObject,
  type Project,
  type Route,
  type ServiceConfig,
  type ServiceOutputConfig,
  type ServicePlan,
} from '@svc/contracts';
import { mergeTables } from './tables.ts';

/** One service as it goes into the deployment. */
export interface AssembledService {
  readonly service: ServiceConfig;
  readonly plan: ServicePlan;
  readonly config: ServiceOutputConfig;
  /** What a builder wants recorded beyond its name and version. */
  readonly extra?: JsonObject;
}

/**
 * The top-level `config.json` of a deployment of services, as section 5 of the services reference describes it: public
 * routes, all crons, and the services both as resolved records and as the user wrote them.
 */
export function servicesConfig(project: Project, services: readonly AssembledService[]): JsonObject {
  const crons = [...project.public.crons, ...services.flatMap(({ config }) => config.crons ?? [])];
  return {
    version: 3,
    routes: project.public.routes as unknown as Json,
    ...(crons.length > 0 ? { crons: crons as unknown as Json } : {}),
    ...(project.public.images ? { images: project.public.images } : {}),
    services: services.map(serviceRecord),
    experimentalServicesV2: Object.fromEntries(
      services.map(({ service }) => [service.name, service.declared]),
    ),
  };
}

/**
 * The `config.json` of an ordinary Build Output directory: the only service's own, behind the project's public table.
 * Rules that lead to a service are left out: there are none in such a directory, and everything leads to the app anyway.
 */
export function appConfig(project: Project, output: ServiceOutputConfig): JsonObject {
  const inPublic = project.public.routes.filter(route => isHandle(route) || route.destination === undefined);
  const routes = mergeTables(inPublic, output.routes ?? []);
  const crons = uniqueCrons([...project.public.crons, ...(output.crons ?? [])]);
  const images = project.public.images ?? output.images;
  const { routes: _routes, crons: _crons, images: _images, ...rest } = output;
  return {
    ...(rest as JsonObject),
    version: 3,
    routes: routes as readonly Route[] as unknown as Json,
    ...(crons.length > 0 ? { crons: crons as unknown as Json } : {}),
    ...(images ? { images } : {}),
  };
}

function uniqueCrons(crons: readonly Cron[]): Cron[] {
  return [...new Map(crons.map(cron => [JSON.stringify(cron), cron])).values()];
}

function serviceRecord({ service, plan }: AssembledService): JsonObject {
  const command = service.command ? { command: service.command } : {};
  return {
    schema: 'experimentalServicesV2',
    ...service.declared,
    name: service.name,
    root: service.root,
    ...(plan.framework ? { framework: plan.framework.slug } : {}),
    ...(plan.runtime ? { runtime: plan.runtime } : {}),
    ...(plan.entrypoint ? { entrypoint: plan.entrypoint } : {}),
    ...command,
    builder: {
      use: plan.builder.name,
      src: posix.join(service.root, plan.entrypoint ?? '**'),
      config: {
        zeroConfig: true,
        ...(plan.framework ? { framework: plan.framework.slug } : {}),
        ...(service.outputDirectory ? { outputDirectory: service.outputDirectory } : {}),
        ...(service.root === '.' ? {} : { workspace: service.root }),
        ...(plan.handler ? { handlerFunction: plan.handler } : {}),
        ...command,
      },
    },
    ...(service.bindings.length > 0 ? { bindings: bindingsOf(service) } : {}),
  };
}

/** What `deployment.json` says of a service: what a runtime needs to start it and a person wants to know. */
export function deployedService(kind: Project['kind'], assembled: AssembledService): DeployedService {
  const { service, plan, config, extra } = assembled;
  return {
    name: service.name,
    root: service.root,
    framework: plan.framework?.slug ?? null,
    runtime: plan.runtime,
    entrypoint: plan.entrypoint,
    builder: { ...extra, name: plan.builder.name, version: plan.builder.version },
    bindings: bindingsOf(service),
    // An app's own table is merged into the top level; it is kept here for a build that keeps the app's last output.
    // As text, because a manifest sorts members and the order of those must not change from one build to the next.
    ...(kind === 'app' ? { config: JSON.stringify(config) } : {}),
  };
}

function bindingsOf(service: ServiceConfig): JsonObject[] & DeployedService['bindings'] {
  return service.bindings.map(({ service: target, env }) => ({
    type: 'service' as const,
    service: target,
    format: 'url' as const,
    env,
  }));
}
