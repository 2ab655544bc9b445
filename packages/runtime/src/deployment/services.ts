import { asList, asRecord, asString, type JsonRecord, recordsIn } from './shape.ts';

/** A way from one service to another: what the caller's code finds in its environment. */
export interface DeployedBinding {
  readonly service: string;
  readonly env: string;
}

export interface ServiceRecord {
  readonly name: string;
  readonly bindings: readonly DeployedBinding[];
}

/**
 * The services of a deployment and their bindings: as `deployment.json` says, which svc writes; else as `config.json` says
 * in `services`, or in the older `experimentalServicesV2`.
 */
export function readServices(config: JsonRecord, manifest: JsonRecord | undefined): readonly ServiceRecord[] {
  const records = serviceList(config);
  const inManifest = new Map(serviceList(manifest ?? {}).map(record => [record.name, record]));
  return records.map(record => {
    const name = asString(record.name) ?? '';
    return { name, bindings: readBindings((inManifest.get(record.name) ?? record).bindings) };
  });
}

function serviceList(config: JsonRecord): JsonRecord[] {
  const listed = recordsIn(config.services);
  if (listed.length > 0) return listed.filter(({ name }) => asString(name) !== undefined);
  const byName = asRecord(config.services) ?? asRecord(config.experimentalServicesV2) ?? {};
  return Object.entries(byName).map(([name, record]) => ({ ...asRecord(record), name }));
}

function readBindings(value: unknown): DeployedBinding[] {
  return asList(value).flatMap(entry => {
    const service = asString(asRecord(entry)?.service);
    const env = asString(asRecord(entry)?.env);
    return service === undefined || env === undefined ? [] : [{ service, env }];
  });
}
