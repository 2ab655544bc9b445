import type { Server } from 'node:http';

/**
 * On SIGTERM the function ends when its requests and its work in the background are done; svc kills it when that takes too
 * long. Code that has a handler of its own decides itself when to end.
 */
export function endGracefully(server: Server, pending: ReadonlySet<Promise<unknown>>): void {
  process.once('SIGTERM', () => {
    if (process.listenerCount('SIGTERM') > 0) return;
    const closed = new Promise<void>(resolve => server.close(() => resolve()));
    server.closeIdleConnections();
    void Promise.all([closed, ...pending]).then(() => process.exit(0));
  });
}
