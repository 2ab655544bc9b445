import { join } from 'node:path';
import { cleanUrlOverrides, mergeRoutes } from '@svc/builder-kit';
import type { Project, Result, Route } from '@svc/contracts';
import type { DevelopedService } from '@svc/planner';
import { createRouter, type Outputs, outputsOf, type Router, type RoutingTable } from '@svc/router';
import type { DeployedFunction, Tree } from '@svc/runtime';
import { sourceOutputs } from './source-outputs.ts';

/** The name of the one function that a service is in development. */
const FUNCTION = 'index';

/** Every request that nothing else answers reaches the service; the code sees the path after the service's own rewrites. */
const SERVICE_ROUTES: readonly Route[] = [
  { handle: 'filesystem' },
  {
    src: '/(.*)',
    dest: `/${FUNCTION}`,
    transforms: [{ type: 'request.path', op: 'set', args: '/$1' }],
  },
];

/** What routing needs to know of a service now. */
export interface RoutedService {
  readonly name: string;
  /** The service's own compiled table. */
  readonly routes: readonly Route[];
  /** Absent while nobody knows how it runs. */
  readonly developed: DevelopedService | undefined;
  /** Path relative to the root -> absolute path, of a service that is files and is ready; else null. */
  readonly files: ReadonlyMap<string, string> | null;
}

export interface SiteTables {
  readonly router: Router;
  readonly trees: ReadonlyMap<string | null, Tree>;
}

/** The tables of the deployment as they are for sources: a service is one function, or its files. */
export function siteTables(
  project: Project,
  services: readonly RoutedService[],
  env: Readonly<Record<string, string | undefined>>,
): Result<SiteTables> {
  const parts = services.map(service => tableAndTree(project, service));
  const front = treeOf(null, project.public.routes);
  const router = createRouter({
    public: { routes: front.routes, outputs: NOTHING },
    services: Object.fromEntries(parts.map(({ name, table }) => [name, table])),
    env,
  });
  if (!router.ok) return router;
  const trees = new Map<string | null, Tree>([
    [null, front],
    ...parts.map(({ name, tree }) => [name, tree] as const),
  ]);
  return { ok: true, value: { router: router.value, trees } };
}

const NOTHING: Outputs = { find: () => undefined };

function tableAndTree(
  project: Project,
  service: RoutedService,
): { readonly name: string; readonly table: RoutingTable; readonly tree: Tree } {
  const { name, developed, files } = service;
  if (files) {
    const tree = { ...treeOf(name, service.routes), outputs: { ...NO_OUTPUTS, files } };
    return { name, tree, table: { routes: tree.routes, outputs: fileOutputs(developed, files) } };
  }
  const routes = mergeRoutes(service.routes, SERVICE_ROUTES);
  const tree: Tree = {
    ...treeOf(name, routes),
    framework: developed?.framework ?? null,
    outputs: { ...NO_OUTPUTS, functions: new Map([[FUNCTION, functionOf(name)]]) },
  };
  const root = developed && join(project.boundary, developed.directory);
  const isSite = developed !== undefined && developed.framework !== null && developed.runtime === null;
  return {
    name,
    tree,
    table: {
      routes,
      outputs: isSite && root !== undefined ? sourceOutputs(root, FUNCTION) : ONLY_FUNCTION,
      ...(developed?.framework === 'nextjs' && { observes: 'original' as const }),
    },
  };
}

const ONLY_FUNCTION = outputsOf({ files: [], functions: [FUNCTION] });

function fileOutputs(developed: DevelopedService | undefined, files: ReadonlyMap<string, string>): Outputs {
  const names = [...files.keys()];
  const serve = developed?.development.serve;
  const isClean = serve?.type === 'files' && serve.cleanUrls;
  return outputsOf({ files: names, functions: [], overrides: isClean ? cleanUrlOverrides(names) : {} });
}

const NO_OUTPUTS: Tree['outputs'] = { files: new Map(), functions: new Map(), prerenders: new Map() };

function treeOf(service: string | null, routes: readonly Route[]): Tree {
  return {
    service,
    routes,
    overrides: {},
    wildcard: [],
    outputs: NO_OUTPUTS,
    framework: null,
    bindings: [],
    images: null,
  };
}

function functionOf(service: string): DeployedFunction {
  return {
    service,
    name: FUNCTION,
    directory: service,
    runtime: { type: 'server', program: '' },
    environment: {},
    maxDuration: null,
    firstByteTimeout: null,
    memory: null,
    maxConcurrency: null,
    filePathMap: {},
  };
}
