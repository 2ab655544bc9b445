import { createServer, type RequestListener, Server } from 'node:http';
import { guarded } from './guarded.ts';
import { withHelpers } from './helpers.ts';
import type { OwnServers } from './listening.ts';
import { type FetchHandler, listenerFor, type Methods } from './web-listener.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH'] as const;

export interface ExportOptions {
  /** `shouldAddHelpers`: a function expects the conveniences of the `api/` folder. */
  readonly addHelpers: boolean;
  /** `useWebApi`: a function takes a `Request` and gives a `Response`. */
  readonly takesRequests: boolean;
}

/**
 * The server that answers for a module: the forms in which one may offer to answer requests, in the order in which they
 * count (section 5.1 of the services reference).
 *
 * @throws when the module offers none.
 */
export async function serverFor(
  module: unknown,
  options: ExportOptions & { readonly listening: OwnServers; readonly patience: number },
): Promise<Server> {
  const { listening } = options;
  const exported = unwrapped(module);
  // A server that took PORT is the whole program: the exported application lacks the upgrades that hang on the server.
  const offered = listening.main() ?? (isObject(exported) ? await fromExport(exported, options) : undefined);
  const server = offered ?? (await listening.any(options.patience));
  if (server) return server;
  throw new Error(
    'the module exports no function, no web handler and no server, and does not listen on process.env.PORT',
  );
}

async function fromExport(
  exported: Record<string, unknown>,
  { addHelpers, takesRequests }: ExportOptions,
): Promise<Server | undefined> {
  const methods = METHODS.filter(method => typeof exported[method] === 'function');
  if (methods.length > 0) return createServer(listenerFor(exported as Methods));
  if (typeof exported.fetch === 'function') {
    return createServer(listenerFor((exported.fetch as FetchHandler).bind(exported)));
  }
  if (exported instanceof Server) return exported;
  if (typeof exported === 'function' && takesRequests)
    return createServer(listenerFor(exported as FetchHandler));
  if (typeof exported === 'function') {
    const listener = exported as unknown as RequestListener;
    return createServer(guarded(addHelpers ? withHelpers(listener) : listener));
  }
  if (typeof exported.callback === 'function') return createServer(exported.callback() as RequestListener);
  if (typeof exported.ready === 'function' && exported.server instanceof Server) {
    await (exported.ready as () => PromiseLike<unknown>)();
    return exported.server;
  }
  return undefined;
}

/** The innermost default export; a module with named exports beside no default is its own. */
function unwrapped(module: unknown): unknown {
  let value = module;
  for (let depth = 0; depth < 5 && isObject(value) && value.default !== undefined; depth++)
    value = value.default;
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
