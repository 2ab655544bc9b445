import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, failed, ok, type Result, type Route } from '@svc/contracts';
import { type ImageSettings, readImages } from './images.ts';
import { listOutputs, type TreeOutputs } from './outputs.ts';
import { readJson } from './read-json.ts';
import { type DeployedBinding, readServices, type ServiceRecord } from './services.ts';
import { asList, asRecord, asString, type JsonRecord, stringsOf } from './shape.ts';

/** One routing table with what it leads to: a service's, or the top level's. */
export interface Tree {
  /** Null for the top level. */
  readonly service: string | null;
  readonly routes: readonly Route[];
  readonly overrides: Readonly<Record<string, { readonly path?: string; readonly contentType?: string }>>;
  readonly wildcard: readonly { readonly domain: string; readonly value: string }[];
  readonly outputs: TreeOutputs;
  readonly framework: string | null;
  readonly images: ImageSettings | null;
  readonly bindings: readonly DeployedBinding[];
}

export interface DeploymentOnDisk {
  /** Absolute path, links resolved. */
  readonly directory: string;
  /** The id in `deployment.json`; null for a deployment that svc did not make. */
  readonly id: string | null;
  readonly public: Tree;
  readonly services: readonly Tree[];
}

/**
 * Reads a Build Output v3 directory: ours, or one that another tool made.
 *
 * Fails with `deployment-not-found` where there is none, and with `deployment-invalid` for each part that is damaged.
 */
export async function readDeployment(path: string): Promise<Result<DeploymentOnDisk>> {
  const directory = await realpath(path).catch(() => undefined);
  const config = directory ? await readJson(join(directory, 'config.json'), 'config.json') : ok(undefined);
  if (!config.ok) return config;
  if (!directory || !config.value) return failed(notFound(path));
  if (config.value.version !== 3) return failed(otherVersion(config.value.version));
  const manifest = await readJson(join(directory, 'deployment.json'), 'deployment.json');
  if (!manifest.ok) return manifest;

  const records = readServices(config.value, manifest.value);
  const top = await readTree(directory, directory, config.value, null);
  const services = await Promise.all(records.map(record => readService(directory, record)));
  const failures = [
    ...[top, ...services].flatMap(tree => (tree.ok ? [] : tree.failures)),
    ...unbound(records),
  ];
  if (!top.ok || failures.length > 0) return failed(...failures);
  return ok({
    directory,
    id: asString(manifest.value?.id) ?? null,
    public: top.value,
    services: services.flatMap(tree => (tree.ok ? [tree.value] : [])),
  });
}

async function readService(directory: string, { name, bindings }: ServiceRecord): Promise<Result<Tree>> {
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) {
    return failed({ code: 'deployment-invalid', message: `"${name}" cannot be the name of a service` });
  }
  const folder = join(directory, 'services', name);
  const config = await readJson(join(folder, 'config.json'), `services/${name}/config.json`);
  if (!config.ok) return config;
  if (!config.value) {
    return failed({
      code: 'deployment-invalid',
      service: name,
      message: `the deployment names the service ${name} but has no services/${name}/config.json`,
      help: 'Build it again; a build that failed may have left this behind.',
    });
  }
  const tree = await readTree(folder, directory, config.value, name);
  return tree.ok ? ok({ ...tree.value, bindings }) : tree;
}

async function readTree(
  folder: string,
  boundary: string,
  config: JsonRecord,
  service: string | null,
): Promise<Result<Tree>> {
  const outputs = await listOutputs(folder, boundary, service);
  if (!outputs.ok) return outputs;
  return ok({
    service,
    routes: asList(config.routes) as readonly Route[],
    overrides: Object.fromEntries(
      Object.entries(asRecord(config.overrides) ?? {}).map(([file, entry]) => [file, stringsOf(entry)]),
    ),
    wildcard: asList(config.wildcard).flatMap(entry => {
      const domain = asString(asRecord(entry)?.domain);
      const value = asString(asRecord(entry)?.value);
      return domain === undefined || value === undefined ? [] : [{ domain, value }];
    }),
    outputs: outputs.value,
    framework: asString(asRecord(config.framework)?.slug) ?? null,
    images: readImages(config.images),
    bindings: [],
  });
}

/** Bindings to services that are not there: nothing could answer such a call. */
function unbound(records: readonly ServiceRecord[]): Failure[] {
  const names = new Set(records.map(({ name }) => name));
  return records.flatMap(({ name, bindings }) =>
    bindings
      .filter(({ service }) => !names.has(service))
      .map(({ service, env }) => ({
        code: 'deployment-invalid' as const,
        service: name,
        message: `the service ${name} is bound to "${service}" (${env}), which the deployment does not have`,
      })),
  );
}

function notFound(path: string): Failure {
  return {
    code: 'deployment-not-found',
    message: `there is no deployment in ${path}`,
    help: 'Run `svc build` first, or name a Build Output directory: one with a config.json of version 3.',
  };
}

function otherVersion(version: unknown): Failure {
  return {
    code: 'deployment-invalid',
    message: `config.json has version ${JSON.stringify(version) ?? 'none'}; svc reads Build Output version 3`,
  };
}
