import type { Server } from 'node:http';
import { close } from './addresses.ts';
import type { Traffic } from './door.ts';

/**
 * Stops listening and resolves when the requests that came in by these servers are done, or when `timeout` milliseconds
 * have passed. Connections with another protocol have no end to wait for: they are closed when the rest is done.
 */
export async function drain(servers: readonly Server[], traffic: Traffic, timeout: number): Promise<void> {
  traffic.short.close();
  // Their connections end with them.
  for (const { response } of traffic.running) response.shouldKeepAlive = false;
  const closing = Promise.all(servers.map(close));
  const ended = whenQuiet(traffic);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, timeout);
  });
  await Promise.race([ended, late]).finally(() => clearTimeout(timer));
  for (const socket of traffic.tunnels) socket.destroy();
  for (const server of servers) server.closeAllConnections();
  await closing;
}

/** Resolves when no request is running. */
function whenQuiet({ running }: Traffic): Promise<void> {
  return new Promise(resolve => {
    const look = () => {
      const [first] = running;
      if (!first) resolve();
      else first.response.once('close', look);
    };
    look();
  });
}
