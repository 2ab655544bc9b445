import { connect, createServer, type Server } from 'node:net';
import type { TestServer } from './servers.ts';

/** How a proxy between a client and its server misbehaves. */
export type Fault =
  | 'none'
  /** Every piece arrives late. */
  | 'delays'
  /** Answers end in the middle. */
  | 'truncates'
  /** One byte of each longer answer is another. */
  | 'corrupts'
  /** Connections are closed as soon as the client has spoken. */
  | 'drops'
  /** Requests are swallowed. */
  | 'hangs';

/** Milliseconds. */
const LATE = 30;

/** A TCP proxy that does that to what the server answers. */
export async function startProxy(to: number, fault: () => Fault): Promise<TestServer> {
  const sockets = new Set<{ destroy(): void }>();
  const server: Server = createServer(client => {
    const upstream = connect(to, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    // What is still on its way arrives before the end.
    upstream.on('close', () => setTimeout(() => client.destroy(), fault() === 'delays' ? 2 * LATE : 0));
    client.on('data', chunk => {
      if (fault() === 'drops') client.destroy();
      else if (fault() !== 'hangs') upstream.write(chunk);
    });
    upstream.on('data', chunk => {
      switch (fault()) {
        case 'delays':
          setTimeout(() => client.write(chunk), LATE);
          return;
        case 'truncates':
          client.write(chunk.subarray(0, Math.floor(chunk.length / 2)));
          client.destroy();
          return;
        case 'corrupts':
          client.write(damaged(chunk));
          return;
        default:
          client.write(chunk);
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    stop: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A byte in the last third, where bodies are rather than headers. */
function damaged(chunk: Buffer): Buffer {
  const copy = Buffer.from(chunk);
  const at = Math.floor((copy.length * 5) / 6);
  copy[at] = (copy[at] ?? 0) ^ 0x20;
  return copy;
}
