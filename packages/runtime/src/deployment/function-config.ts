import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failed, ok, type Result } from '@svc/contracts';
import { readJson } from './read-json.ts';
import { asNumber, asRecord, asString, type JsonRecord, stringsOf } from './shape.ts';

/** How a function is run. */
export type Runtime =
  | { readonly type: 'node' }
  /** A Python function with the vendor's trampoline, told where to report over a Unix socket. */
  | { readonly type: 'python'; readonly version: string | undefined; readonly program: string }
  /** A program that listens on `PORT`. */
  | { readonly type: 'server'; readonly program: string }
  /** An image, run by docker. */
  | {
      readonly type: 'container';
      /** An archive in the function's folder, or a name in a registry. */
      readonly image: { readonly archive: string } | { readonly reference: string };
      /** Replaces the image's own arguments; empty to keep them. */
      readonly command: readonly string[];
      /** Megabytes; null for no limit. */
      readonly memory: number | null;
    }
  /** Web-standard code without Node's modules; `entrypoint` and the assets are paths in the function. */
  | {
      readonly type: 'edge';
      readonly entrypoint: string;
      /** The variables that the code may see; null for all. */
      readonly variables: readonly string[] | null;
    }
  | { readonly type: 'unsupported'; readonly reason: string };

export interface DeployedFunction {
  /** The service that it belongs to; null in a deployment without services. */
  readonly service: string | null;
  /** Path below `functions/` without `.func`: `index`, `api/hello`. */
  readonly name: string;
  /** Absolute path of the `.func` folder, links resolved. */
  readonly directory: string;
  readonly runtime: Runtime;
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds that one request may take; null when nothing says. */
  readonly maxDuration: number | null;
  /** Milliseconds until its answer has to begin; null for no limit. The platform has one for edge functions. */
  readonly firstByteTimeout: number | null;
  /** Megabytes that all its processes together may use; null when nothing says. */
  readonly memory: number | null;
  /** Requests that one process takes at the same time; null for any number. */
  readonly maxConcurrency: number | null;
  /** Path in the function -> path relative to the repository's root, for files that were not copied into it. */
  readonly filePathMap: Readonly<Record<string, string>>;
}

/** Milliseconds. See https://vercel.com/docs/functions/limitations, "edge runtime". */
const EDGE_FIRST_BYTE = 25_000;

/** Reads a function's `.vc-config.json`. */
export async function readFunction(
  directory: string,
  name: string,
  service: string | null,
): Promise<Result<DeployedFunction>> {
  const shown = `${service === null ? '' : `services/${service}/`}functions/${name}.func/.vc-config.json`;
  const config = await readJson(join(directory, '.vc-config.json'), shown);
  if (!config.ok) return config;
  if (!config.value) {
    return failed({
      code: 'deployment-invalid',
      ...(service === null ? {} : { service }),
      message: `the function ${name} has no .vc-config.json`,
      help: 'Build it again: a function without its settings cannot be run.',
    });
  }
  const seconds = asNumber(config.value.maxDuration);
  return ok({
    service,
    name,
    directory,
    runtime: runtimeOf(config.value, directory),
    environment: stringsOf(config.value.environment),
    maxDuration: seconds === undefined ? null : seconds * 1000,
    firstByteTimeout: config.value.runtime === 'edge' ? EDGE_FIRST_BYTE : null,
    memory: asNumber(config.value.memory) ?? null,
    maxConcurrency: asNumber(config.value.maxConcurrency) ?? null,
    filePathMap: stringsOf(config.value.filePathMap),
  });
}

/** See the table in section 5 of the services reference. Every Node version is run by the Node that runs svc. */
function runtimeOf(config: JsonRecord, directory: string): Runtime {
  const runtime = asString(config.runtime) ?? '';
  const handler = asString(config.handler) ?? '';
  if (runtime.startsWith('nodejs')) {
    return config.launcherType === 'Nodejs' && !config.awsLambdaHandler
      ? { type: 'node' }
      : unsupported('functions that take AWS Lambda events');
  }
  if (runtime.startsWith('python')) {
    const program = `${handler.split('.')[0]}.py`;
    return existsSync(join(directory, program))
      ? { type: 'python', version: runtime.replace(/^python/, '') || undefined, program }
      : unsupported(`Python functions without ${program}`);
  }
  if (runtime === 'executable') {
    // The vendor's `executable` only passes requests on to the server beside it, and on a fixed port.
    const program = existsSync(join(directory, 'user-server')) ? 'user-server' : handler || 'executable';
    return { type: 'server', program };
  }
  if (runtime === 'edge') {
    return {
      type: 'edge',
      entrypoint: asString(config.entrypoint) ?? 'index.js',
      variables: Array.isArray(config.envVarsInUse)
        ? config.envVarsInUse.filter(name => typeof name === 'string')
        : null,
    };
  }
  if (runtime === 'container' || handler.includes('@sha256:')) return containerOf(config, handler, directory);
  return unsupported(`the runtime "${runtime}"`);
}

/** Names that lead elsewhere, or that docker would take for options, are not what a build writes. */
function containerOf(config: JsonRecord, handler: string, directory: string): Runtime {
  const archive = asString(asRecord(config.image)?.archive);
  if (archive === undefined && !/^[a-z0-9][\w.:/-]*@sha256:[0-9a-f]{64}$/i.test(handler))
    return unsupported(`the image "${handler}"`);
  if (archive !== undefined && !(/^\w[\w.-]*$/.test(archive) && existsSync(join(directory, archive))))
    return unsupported(`containers without their ${archive}`);
  const command = Array.isArray(config.command) ? config.command : [];
  return {
    type: 'container',
    image: archive === undefined ? { reference: handler } : { archive },
    command: command.filter(word => typeof word === 'string'),
    memory: asNumber(config.memory) ?? null,
  };
}

function unsupported(what: string): Runtime {
  return { type: 'unsupported', reason: `svc start cannot run ${what} yet` };
}
