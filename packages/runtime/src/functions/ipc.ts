import { createServer } from 'node:net';
import { asNumber, asRecord } from '../deployment/shape.ts';
import type { Endpoint } from '../proxy/connection.ts';
import { firstToAccept } from './probe.ts';

/**
 * Listens for what the platform's bridges tell over `VERCEL_IPC_PATH`, and resolves when the server that they have started
 * accepts requests (section 5.1 of the services reference). Messages are JSON, each followed by a NUL byte; all are read to
 * the end, for a full pipe would stop the function.
 */
export function serverToldOver(path: string, signal: AbortSignal): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => {
      let text = '';
      socket.on('error', () => undefined);
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        const messages = (text + chunk).split('\0');
        text = messages.pop() ?? '';
        for (const message of messages) {
          const port = startedPort(message);
          if (port !== undefined) resolve(firstToAccept([{ host: '127.0.0.1', port }], signal));
        }
      });
    });
    server.once('error', reject);
    server.listen(path);
    server.unref();
    signal.addEventListener('abort', () => server.close(), { once: true });
  });
}

function startedPort(message: string): number | undefined {
  try {
    const { type, payload } = asRecord(JSON.parse(message)) ?? {};
    return type === 'server-started' ? asNumber(asRecord(payload)?.httpPort) : undefined;
  } catch {
    // Whatever code writes there must not end svc.
    return undefined;
  }
}
