import type {
  Binding,
  FunctionConfig,
  Json,
  JsonObject,
  LocalServiceConfig,
  Position,
  ServiceConfig,
} from '@svc/contracts';
import type { Document, Path } from './document.ts';
import { compileRoutes, ROUTING_KEYS } from './routes/compile.ts';
import { normaliseRoot } from './schema/root.ts';

/** What a service's entry says; it has passed all checks. */
interface DeclaredService extends Omit<Partial<ServiceConfig>, 'command' | 'routes' | 'bindings'> {
  readonly root: string;
  readonly command?: string | readonly string[];
  readonly bindings?: readonly (Omit<Binding, 'type'> & { readonly type?: 'service' })[];
}

export interface ServiceRequest {
  readonly name: string;
  readonly declared: JsonObject;
  /** Where the entry stands in the document; empty for the one service of an app. */
  readonly path: Path;
  /** Absent when there is no configuration file. */
  readonly document?: Document;
  readonly local: LocalServiceConfig;
}

/** The service as the later phases want it. Its entry must have passed all checks. */
export async function serviceConfig(request: ServiceRequest): Promise<ServiceConfig> {
  const { name, declared, local } = request;
  const entry = declared as unknown as DeclaredService;
  const { entrypoint, framework, runtime, cleanUrls, trailingSlash, outputDirectory } = entry;
  const { installCommand, buildCommand, devCommand, ignoreCommand } = entry;
  return {
    name,
    root: normaliseRoot(entry.root) ?? '.',
    ...defined({ entrypoint, framework, runtime, command: argvOf(entry.command) }),
    ...defined({ installCommand, buildCommand, devCommand, ignoreCommand, outputDirectory }),
    ...defined({ cleanUrls, trailingSlash }),
    bindings: (entry.bindings ?? []).map(({ service, format, env }) => ({
      type: 'service',
      service,
      format,
      env,
    })),
    functions: (entry.functions ?? {}) as Readonly<Record<string, FunctionConfig>>,
    routes: await compileRoutes(declared),
    local,
    declared,
    positions: request.document ? positionsOf(request.document, request.path, declared) : {},
  };
}

/** The vendor does not split a command at spaces: a single text is one argument. */
function argvOf(command: DeclaredService['command']): readonly string[] | undefined {
  return typeof command === 'string' ? [command] : command;
}

function positionsOf(document: Document, path: Path, declared: JsonObject): Record<string, Position> {
  const positions: Record<string, Position> = {
    '': document.place(path),
    name: document.place(path, 'key'),
  };
  function walk(value: Json, at: readonly string[], where: Path): void {
    positions[at.join('.')] = document.place(where);
    // Rules are compiled here; nobody later asks for the places inside them, and there may be thousands.
    if (at.length === 1 && (ROUTING_KEYS as readonly string[]).includes(at[0] ?? '')) return;
    if (typeof value !== 'object' || value === null) return;
    const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    for (const [key, child] of entries) walk(child as Json, [...at, String(key)], [...where, key]);
  }
  for (const [key, value] of Object.entries(declared)) walk(value, [key], [...path, key]);
  return positions;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys whose value is undefined. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
