import { join } from 'node:path';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { type DeployedFunction, readFunction } from './function-config.ts';
import { type Prerender, readPrerender } from './prerender.ts';
import { type Found, walk } from './walk.ts';

/** What one tree of a deployment (a service's, or the top level's) has to answer with. */
export interface TreeOutputs {
  /** Path below `static/` -> absolute path. */
  readonly files: ReadonlyMap<string, string>;
  /** Function name -> function. Several names may be one function. */
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  readonly prerenders: ReadonlyMap<string, Prerender>;
}

const FUNCTION = '.func';
const PRERENDER = '.prerender-config.json';

/**
 * Lists `static/` and `functions/` of a tree once. Afterwards every lookup is one in a map, so that no path of a request
 * ever reaches the file system.
 *
 * @param boundary absolute path of the deployment, links resolved.
 */
export async function listOutputs(
  tree: string,
  boundary: string,
  service: string | null,
): Promise<Result<TreeOutputs>> {
  const files = await walk(join(tree, 'static'), boundary);
  const entries = await walk(join(tree, 'functions'), boundary, name => name.endsWith(FUNCTION));
  const functions = await readFunctions(entries, service);
  const prerenders = await readPrerenders(entries, service);
  if (!functions.ok || !prerenders.ok) {
    return failed(...[functions, prerenders].flatMap(read => (read.ok ? [] : read.failures)));
  }
  return ok({
    files: new Map(files.map(({ path, file }) => [path, file])),
    functions: functions.value,
    prerenders: prerenders.value,
  });
}

async function readFunctions(
  entries: readonly Found[],
  service: string | null,
): Promise<Result<Map<string, DeployedFunction>>> {
  const functions = new Map<string, DeployedFunction>();
  const failures: Failure[] = [];
  for (const { path, file } of entries.filter(entry => entry.isDirectory)) {
    const name = path.slice(0, -FUNCTION.length);
    const read = await readFunction(file, name, service);
    if (read.ok) functions.set(name, read.value);
    else failures.push(...read.failures);
  }
  return failures.length > 0 ? failed(...failures) : ok(functions);
}

async function readPrerenders(
  entries: readonly Found[],
  service: string | null,
): Promise<Result<Map<string, Prerender>>> {
  const prerenders = new Map<string, Prerender>();
  const failures: Failure[] = [];
  const present = new Set(entries.map(({ file }) => file));
  for (const { path, file } of entries.filter(entry => entry.path.endsWith(PRERENDER))) {
    const shown = `${service === null ? '' : `services/${service}/`}functions/${path}`;
    const read = await readPrerender(file, shown);
    if (!read.ok) {
      failures.push(...read.failures);
      continue;
    }
    // Only what the walk has found is inside the deployment.
    const { fallback } = read.value;
    const isThere = fallback !== null && present.has(fallback);
    prerenders.set(path.slice(0, -PRERENDER.length), {
      ...read.value,
      fallback: isThere ? fallback : null,
    });
  }
  return failures.length > 0 ? failed(...failures) : ok(prerenders);
}
