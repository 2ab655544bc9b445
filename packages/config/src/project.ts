import type { Cron, JsonObject, Project, PublicConfig, Route, RouteLine } from '@svc/contracts';
import { isObject } from './checks/words.ts';
import type { Document } from './document.ts';
import type { LocalConfig } from './local-config.ts';
import { compileRoutes, ROUTING_KEYS } from './routes/compile.ts';
import { withoutNulls } from './schema/project.ts';
import { BUILD_FIELDS } from './schema/service.ts';
import { serviceConfig } from './service-config.ts';

/** The name of the one service of a repository that declares none. */
export const APP = 'app';

export interface ProjectParts {
  readonly directory: string;
  readonly boundary: string;
  readonly configFile?: string;
  /** Absent when there is no configuration file. */
  readonly document?: Document;
  /** The whole configuration; it has passed all checks. */
  readonly config: JsonObject;
  readonly local: LocalConfig;
}

/** A configuration with `services`. */
export async function servicesProject(parts: ProjectParts): Promise<Project> {
  const { config, document, local } = parts;
  const entries = Object.entries(isObject(config.services) ? config.services : {});
  const services = entries.map(([name, declared]) =>
    serviceConfig({
      name,
      declared: isObject(declared) ? declared : {},
      path: ['services', name],
      local: local.of(name),
      ...(document ? { document } : {}),
    }),
  );
  return {
    ...head(parts),
    kind: 'services',
    services: await Promise.all(services),
    public: { ...publicConfig(config, await compileRoutes(config)), ...slashes(config) },
  };
}

/**
 * A configuration without `services`, or none at all: the folder is one service that has the top-level build settings
 * and the top-level routing as its own, and that receives every request.
 */
export async function appProject(parts: ProjectParts): Promise<Project> {
  const { config, document, local } = parts;
  const owned: readonly string[] = [...Object.keys(BUILD_FIELDS), ...ROUTING_KEYS];
  const settings = Object.entries(withoutNulls(config)).filter(([key]) => owned.includes(key));
  const service = await serviceConfig({
    name: APP,
    declared: { root: '.', ...Object.fromEntries(settings) },
    path: [],
    local: local.of(APP),
    ...(document ? { document } : {}),
  });
  return {
    ...head(parts),
    kind: 'app',
    services: [service],
    public: publicConfig(config, [everythingToApp]),
  };
}

/** What `{ "source": "/(.*)", "destination": { "service": "app" } }` compiles to. */
const everythingToApp: Route = { src: '^(?:/(.*))$', destination: { service: APP, type: 'service' } };

function head({ directory, boundary, configFile }: ProjectParts) {
  return { version: 1, directory, boundary, ...(configFile ? { configFile } : {}), warnings: [] } as const;
}

function publicConfig(config: JsonObject, routes: readonly Route[]): PublicConfig {
  const crons = Array.isArray(config.crons) ? (config.crons as readonly Cron[]) : [];
  return {
    routes,
    crons,
    rules: serviceRules(config),
    ...(isObject(config.images) ? { images: config.images } : {}),
  };
}

/** The rewrites that lead to a service, as written; low-level routes have no form for people but their own. */
function serviceRules({ rewrites, routes }: JsonObject): RouteLine[] {
  const rules = [...(Array.isArray(routes) ? routes : []), ...(Array.isArray(rewrites) ? rewrites : [])];
  return rules.filter(isObject).flatMap(rule => {
    const { destination } = rule;
    if (!isObject(destination) || typeof destination.service !== 'string') return [];
    const conditions = rule.has || rule.missing ? ' (conditional)' : '';
    const path = typeof destination.path === 'string' ? ` (${destination.path})` : '';
    const methods = Array.isArray(rule.methods) ? `${rule.methods.join(',')} ` : '';
    return [
      {
        source: `${methods}${rule.source ?? rule.src}${conditions}`,
        target: `${destination.service}${path}`,
      },
    ];
  });
}

function slashes({
  cleanUrls,
  trailingSlash,
}: JsonObject): Pick<PublicConfig, 'cleanUrls' | 'trailingSlash'> {
  return {
    ...(typeof cleanUrls === 'boolean' ? { cleanUrls } : {}),
    ...(typeof trailingSlash === 'boolean' ? { trailingSlash } : {}),
  };
}
