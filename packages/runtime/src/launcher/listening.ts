import { Server } from 'node:http';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import type { LaunchOrders } from './orders.ts';

type Listen = (this: NetServer, ...args: unknown[]) => NetServer;

/** What servers the function's own code has opened. */
export interface OwnServers {
  /** The one that asked for the port in `PORT`. */
  main(): Server | undefined;
  /** Any that listens on another port, the first first. */
  other(): Server | undefined;
  /** Resolves with the main server when there is one, or with another after `patience` milliseconds. */
  any(patience: number): Promise<Server | undefined>;
}

const listen = Server.prototype.listen as Listen;

/**
 * Takes over `listen` of HTTP servers. The one that asks for `PORT` gets the function's socket, which no other user of the
 * machine can open; servers beside it get a free port on loopback, so that two functions never want the same.
 */
export function interceptListening({ socket }: LaunchOrders): OwnServers {
  const port = process.env.PORT;
  let main: Server | undefined;
  const others: Server[] = [];
  const opened: (() => void)[] = [];
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    const callback = args.findLast(arg => typeof arg === 'function');
    if (main === undefined && String(portOf(args)) === port) {
      main = this;
      showAsTcp(this, Number(port));
      listen.call(this, socket, callback);
    } else {
      others.push(this);
      listen.call(this, 0, '127.0.0.1', callback);
    }
    for (const tell of opened.splice(0)) tell();
    return this;
  } as typeof Server.prototype.listen;
  const other = () => others[0];
  return {
    main: () => main,
    other,
    any: async patience => {
      const deadline = performance.now() + patience;
      while (main === undefined && performance.now() < deadline) {
        // A server on another port may be an extra one, such as for metrics: the main one gets a second to follow.
        const wait = other() ? Math.min(1000, deadline - performance.now()) : deadline - performance.now();
        const isLate = await raceTimer(new Promise<void>(resolve => opened.push(resolve)), wait);
        if (isLate) break;
      }
      return main ?? other();
    },
  };
}

/** Lets a server take what comes in on the socket, whether or where it listens already. */
export async function acceptOn(server: Server, socket: string): Promise<void> {
  // svc keeps its connections for as long as the function runs, and limits the time of requests itself.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.prependListener('connection', showAsLoopback);
  if (server.address() !== null && isOn(server)) return waitUntilListening(server);
  const front = createServer({ allowHalfOpen: true }, connection => server.emit('connection', connection));
  front.maxConnections = Number.MAX_SAFE_INTEGER;
  await new Promise<void>((resolve, reject) => {
    front.once('error', reject);
    listen.call(front, socket, resolve);
  });
}

const onSocket = new WeakSet<NetServer>();

function isOn(server: NetServer): boolean {
  return onSocket.has(server);
}

function waitUntilListening(server: NetServer): Promise<void> {
  return server.listening ? Promise.resolve() : new Promise(resolve => server.once('listening', resolve));
}

/** Programs print the port they listen on, so a server on the socket has one to show. */
function showAsTcp(server: Server, port: number): void {
  onSocket.add(server);
  server.address = () => ({ address: '127.0.0.1', family: 'IPv4', port });
}

/** Frameworks take the peer's address for granted (rate limits, logs), and a Unix socket has none. */
function showAsLoopback(socket: Socket): void {
  if (socket.remoteAddress !== undefined) return;
  Object.defineProperties(socket, {
    remoteAddress: { value: '127.0.0.1', configurable: true },
    remoteFamily: { value: 'IPv4', configurable: true },
    remotePort: { value: 0, configurable: true },
  });
}

function portOf([first]: readonly unknown[]): unknown {
  return typeof first === 'object' && first !== null && 'port' in first ? first.port : first;
}

/** Resolves with true when the time is over, or when nothing is left in the program that could still listen. */
async function raceTimer(event: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  let tell: () => void = () => undefined;
  const late = new Promise<boolean>(resolve => {
    tell = () => resolve(true);
    timer = setTimeout(tell, milliseconds).unref();
    process.once('beforeExit', tell);
  });
  try {
    return await Promise.race([event.then(() => false), late]);
  } finally {
    clearTimeout(timer);
    process.removeListener('beforeExit', tell);
  }
}
