import { isObject } from './json.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MEMBERS = new Set(['version', 'id', 'tree', 'self', 'services', 'tools', 'timings', 'files']);

/** What is wrong with a value that should have the shape of `deployment.schema.json`; undefined when nothing is. */
export function manifestShapeProblem(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is not a JSON object';
  if (value.version !== 1) return `"version" is ${JSON.stringify(value.version)}; this svc reads version 1`;
  for (const name of Object.keys(value)) if (!MEMBERS.has(name)) return `it has an unknown member "${name}"`;
  if (typeof value.id !== 'string' || !/^dpl_[0-9a-f]{32}$/.test(value.id))
    return '"id" is not a deployment id';
  if (typeof value.tree !== 'string' || !DIGEST.test(value.tree)) return '"tree" is not a sha256 digest';
  if (typeof value.self !== 'string' || !DIGEST.test(value.self)) return '"self" is not a sha256 digest';
  if (!isObject(value.files)) return '"files" is not an object';
  for (const [path, entry] of Object.entries(value.files)) {
    const problem = fileProblem(entry);
    if (problem) return `"files" has a bad entry for ${JSON.stringify(path)}: ${problem}`;
  }
  if (!Array.isArray(value.services) || !value.services.every(isService)) {
    return '"services" is not a list of services with a name and bindings';
  }
  if (!isObject(value.tools) || !Object.values(value.tools).every(tool => typeof tool === 'string')) {
    return '"tools" is not an object of versions';
  }
  if (!isObject(value.timings) || !Object.values(value.timings).every(time => Number.isFinite(time))) {
    return '"timings" is not an object of milliseconds';
  }
  return undefined;
}

function fileProblem(entry: unknown): string | undefined {
  if (!isObject(entry)) return 'not an object';
  const { link, sha256, size, executable, ...unknown } = entry;
  if (Object.keys(unknown).length > 0) return `unknown member "${Object.keys(unknown)[0]}"`;
  if (link !== undefined) {
    if (sha256 !== undefined || size !== undefined || executable !== undefined)
      return 'both a file and a link';
    return typeof link === 'string' && link !== '' ? undefined : 'a link without a target';
  }
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return 'no sha256';
  if (!Number.isSafeInteger(size) || Number(size) < 0) return 'no size';
  return executable === undefined || executable === true ? undefined : '"executable" may only be true';
}

function isService(value: unknown): boolean {
  return isObject(value) && typeof value.name === 'string' && Array.isArray(value.bindings);
}
