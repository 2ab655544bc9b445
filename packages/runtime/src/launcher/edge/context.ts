import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE_MODULES } from './bundle.ts';

/** The web's classes as the code of the context knows them. */
export type Web = Pick<typeof globalThis, 'Request' | 'Response' | 'ReadableStream' | 'AbortController'>;

export interface EdgeContext {
  readonly web: Web;
  /** Evaluates a CommonJS script. @returns what it exports. @throws what the script throws. */
  run(code: string): unknown;
}

export interface ContextOptions {
  /** Absolute path of the function. */
  readonly directory: string;
  /** Name -> path in the function, of files that the code fetches as `blob:NAME`. */
  readonly assets: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A JavaScript context with the globals of the platform's edge runtime, and without those of Node but for the few that the
 * platform has too. It keeps honest code to what it will find there; it is no wall against hostile code.
 */
export async function openContext({ directory, assets, env }: ContextOptions): Promise<EdgeContext> {
  const { EdgeVM } = await import('@edge-runtime/vm');
  const load = createRequire(import.meta.url);
  const vm = new EdgeVM({
    extend: context =>
      Object.assign(context, {
        process: { env, cwd: () => '/', versions: {}, nextTick: process.nextTick },
        AsyncLocalStorage: load('node:async_hooks').AsyncLocalStorage,
        Buffer,
        ...missing(context),
      }),
  });
  const { context } = vm;
  const within = (path: string): string => {
    const file = join(directory, path);
    if (relative(directory, file).startsWith(`..${sep}`))
      throw new Error(`${path} is outside of the function`);
    return file;
  };
  const fetchOutside = context.fetch;
  context.fetch = async (input: unknown, init?: unknown) => {
    const file = localFile(String((input as { url?: string })?.url ?? input), assets, directory);
    if (file === undefined) return Reflect.apply(fetchOutside, context, [input, init]);
    return new context.Response(new Uint8Array(await readFile(within(file))));
  };
  const allowed = new Set<string>(NODE_MODULES.flatMap(name => [name, `node:${name}`]));
  const require = (name: string): unknown => {
    if (allowed.has(name)) return load(name);
    throw new Error(`edge functions have no module "${name}": they run on web standards alone`);
  };
  // Of the context itself, for its `instanceof` and its `Instance` know only their own.
  const { Module } = vm.evaluate<{ readonly Module: new (code: Uint8Array) => object }>('WebAssembly');
  const loadWebAssembly = (path: string) => new Module(readFileSync(within(path)));
  return {
    web: context as unknown as Web,
    run: code => {
      const module = { exports: {} as unknown };
      const script = vm.evaluate<(...args: unknown[]) => void>(
        `(function (module, exports, require, loadWebAssembly) {${code}\n})`,
      );
      script(module, module.exports, require, loadWebAssembly);
      return module.exports;
    },
  };
}

/** What the platform has and the package leaves out. */
function missing(context: object): object {
  const absent = LEFT_OUT.filter(name => !(name in context));
  return Object.fromEntries(absent.map(name => [name, globalThis[name]]));
}

const LEFT_OUT = [
  'ByteLengthQueuingStrategy',
  'CompressionStream',
  'CountQueuingStrategy',
  'DecompressionStream',
  'WritableStreamDefaultController',
  'clearImmediate',
  'setImmediate',
] as const;

/** The path in the function of what a URL means: an asset by its name, or a file beside the code. */
function localFile(url: string, assets: ReadonlyMap<string, string>, directory: string): string | undefined {
  if (url.startsWith('blob:')) return assets.get(url.slice('blob:'.length));
  return url.startsWith('file:') ? relative(directory, fileURLToPath(url)) : undefined;
}
