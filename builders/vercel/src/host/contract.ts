import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ContractError } from './errors.ts';

/** The part of the vendor's Builder contract that a build needs. */
export interface VercelBuilder {
  readonly version: 2 | 3 | -1;
  build(options: object): Promise<unknown>;
}

/** Loads an installed builder package and checks that it is one. CommonJS and ES modules alike. */
export async function loadBuilder(installed: string, name: string): Promise<VercelBuilder> {
  const require = createRequire(join(installed, 'package.json'));
  let path: string;
  try {
    path = require.resolve(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    throw new ContractError('it has no main module to load');
  }
  const loaded = await import(pathToFileURL(path).href);
  const builder = candidates(loaded).find(each => typeof each.build === 'function');
  if (!builder) throw new ContractError('it exports no "build" function');
  const { version } = builder;
  if (version !== 2 && version !== 3 && version !== -1) {
    const said = version === undefined ? 'no "version"' : `"version" ${JSON.stringify(version)}`;
    throw new ContractError(`it exports ${said}; svc runs builders of version 2, 3 and -1`);
  }
  // Some builders are objects whose methods need their `this`.
  return {
    version,
    build: options => (builder.build as (options: object) => Promise<unknown>).call(builder, options),
  };
}

/** A CommonJS module's exports are the ES module's `default`, and may have a `default` of their own. */
function candidates(loaded: unknown): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  for (let value = loaded, depth = 0; isObject(value) && depth < 3; value = value.default, depth++)
    found.push(value);
  return found;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
