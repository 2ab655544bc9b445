// The program that runs one Node function: `node launcher.mjs FUNCTION_DIRECTORY`, with an IPC channel to its parent.
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FetchHandler, listenerFor, type Methods } from './web-listener.ts';

/** How long a module that exports nothing may take until it listens. Milliseconds. */
const LISTEN_PATIENCE = 10_000;
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH'] as const;

const listen = Server.prototype.listen as (
  this: Server,
  port: number,
  host: string,
  done?: () => void,
) => Server;
const opening = new Set<Server>();
const startedByModule = new Promise<Server>(resolve => {
  // Whatever port the module asks for, it gets a free one on loopback; its callback runs as usual.
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    const callback = args.findLast(arg => typeof arg === 'function') as (() => void) | undefined;
    opening.add(this);
    resolve(this);
    return listen.call(this, 0, '127.0.0.1', callback);
  } as typeof Server.prototype.listen;
});

await main(process.argv[2] ?? '.');

async function main(directory: string): Promise<void> {
  const config = JSON.parse(readFileSync(join(directory, '.vc-config.json'), 'utf8')) as { handler: string };
  const module: unknown = await import(pathToFileURL(join(directory, config.handler)).href);
  const server = await serverFor(module);
  if (!server.listening) {
    const opened = new Promise(resolve => server.once('listening', resolve));
    if (!opening.has(server)) listen.call(server, 0, '127.0.0.1');
    await opened;
  }
  process.send?.({ port: (server.address() as AddressInfo).port });
}

/** The forms in which a module may offer to answer requests, in the order in which they count. */
async function serverFor(module: unknown): Promise<Server> {
  const exported = unwrapped(module);
  if (isObject(exported)) {
    const methods = METHODS.filter(method => typeof exported[method] === 'function');
    if (methods.length > 0) return createServer(listenerFor(exported as Methods));
    if (typeof exported.fetch === 'function') {
      return createServer(listenerFor((exported.fetch as FetchHandler).bind(exported)));
    }
    if (exported instanceof Server) return exported;
    if (typeof exported === 'function') return createServer(exported as unknown as RequestListener);
    if (typeof exported.callback === 'function') return createServer(exported.callback() as RequestListener);
    if (typeof exported.ready === 'function' && exported.server instanceof Server) {
      await (exported.ready as () => PromiseLike<unknown>)();
      return exported.server;
    }
  }
  const server = await Promise.race([startedByModule, timeout()]);
  if (!server) throw new Error('the module exports no handler and does not listen');
  return server;
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

function timeout(): Promise<undefined> {
  return new Promise(resolve => setTimeout(resolve, LISTEN_PATIENCE, undefined).unref());
}
