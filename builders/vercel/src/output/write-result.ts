import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VercelBuilder } from '../host/contract.ts';
import { ContractError } from '../host/errors.ts';
import type { HostRequest } from '../host/protocol.ts';
import { adoptBuildOutput } from './build-output.ts';
import { FileWriter } from './file-writer.ts';
import { type FunctionFolder, writeFunction } from './function.ts';
import { settingsFor } from './function-settings.ts';
import { outputName } from './names.ts';
import { writePrerender } from './prerender.ts';
import { asOutput, isFile, isObject, type Output } from './shapes.ts';
import { type Override, writeStaticFile } from './static-file.ts';

/** What of a builder's result goes into the service's `config.json` beside its routes and overrides. */
const PASSED_ON = ['routes', 'images', 'wildcard', 'framework', 'crons', 'afterCacheBypass'];

/** Makes every request that no file answers reach the one function: builders of version 3 may leave that to the platform. */
const CATCH_ALL = [
  { handle: 'filesystem' },
  { src: '/(.*)', dest: '/index', transforms: [{ type: 'request.path', op: 'set', args: '/$1' }] },
];

/**
 * Writes what a builder returned as Build Output: `functions/`, `static/` and the builder's part of `config.json`.
 * Throws a `ContractError` for what is not a result.
 */
export async function writeResult(
  version: VercelBuilder['version'],
  result: unknown,
  request: HostRequest,
): Promise<void> {
  if (!isObject(result)) throw new ContractError('its build returned nothing');
  if (version === -1) {
    const { resultVersion, result: inner } = result;
    if (resultVersion !== 2 && resultVersion !== 3) {
      throw new ContractError(
        `it has version -1 and returned the "resultVersion" ${JSON.stringify(resultVersion)}, not 2 or 3`,
      );
    }
    return writeResult(resultVersion, inner, request);
  }
  const config =
    typeof result.buildOutputPath === 'string'
      ? await adoptBuildOutput(result.buildOutputPath, result, request)
      : await writeOutputs(version, result, request);
  await writeFile(join(request.output, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

async function writeOutputs(
  version: 2 | 3,
  result: Readonly<Record<string, unknown>>,
  request: HostRequest,
): Promise<object> {
  const { output } = result;
  if (!isObject(output)) throw new ContractError('its build returned no "output"');
  const to: FunctionFolder = {
    folder: join(request.output, 'functions'),
    writer: new FileWriter(),
    boundary: request.boundary,
    written: new Map(),
  };
  const passedOn = Object.fromEntries(
    PASSED_ON.flatMap(name => (result[name] ? [[name, result[name]]] : [])),
  );
  if (version === 3) {
    await writeSingle(to, asOutput(output, 'index'), request);
    return { version: 3, routes: CATCH_ALL, ...passedOn };
  }
  const overrides: Record<string, Override> = {};
  for (const [path, value] of Object.entries(output)) {
    const name = outputName(path);
    const each = asOutput(value, path);
    if (isFile(each)) {
      const written = await writeStaticFile(to.writer, join(request.output, 'static'), name, each);
      if (written.override) overrides[written.path] = written.override;
    } else if (each.type === 'Prerender') await writePrerender(to, name, each);
    else await writeFunction(to, name, each);
  }
  const all = { ...(isObject(result.overrides) ? result.overrides : {}), ...overrides };
  return { version: 3, ...passedOn, ...(Object.keys(all).length > 0 ? { overrides: all } : {}) };
}

/** Builders of version 3 return one function, whose name in a service is `index`. */
async function writeSingle(to: FunctionFolder, output: Output, { input }: HostRequest): Promise<void> {
  if (output.type !== 'Lambda' && output.type !== 'EdgeFunction') {
    throw new ContractError(`it has version 3 and returned a ${output.type}, where a function is expected`);
  }
  await writeFunction(to, 'index', output, settingsFor(input.functions, input.entrypoint));
}
