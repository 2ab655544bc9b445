import { connect, createServer } from 'node:net';
import type { Endpoint } from '../proxy/connection.ts';

/** Milliseconds between two looks whether something listens. */
const INTERVAL = 20;

/** Whether something accepts a connection there. */
export function accepts(endpoint: Endpoint): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(endpoint);
    const finish = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/**
 * Resolves with the first of the endpoints that accepts a connection. Programs that listen on `localhost` are on one of two
 * address families only, so both are looked at. Never resolves once aborted.
 */
export async function firstToAccept(endpoints: readonly Endpoint[], signal: AbortSignal): Promise<Endpoint> {
  while (!signal.aborted) {
    for (const endpoint of endpoints) if (await accepts(endpoint)) return endpoint;
    await new Promise(resolve => setTimeout(resolve, INTERVAL));
  }
  return new Promise(() => undefined);
}

export function onLoopback(port: number): Endpoint[] {
  return [
    { host: '127.0.0.1', port },
    { host: '::1', port },
  ];
}

/** A port that is free on loopback now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address) resolve(address.port);
        else reject(new Error('the system gave no port'));
      });
    });
  });
}
