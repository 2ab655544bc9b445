import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Connection, ExchangeSink } from '../src/proxy/connection.ts';
import { ConnectionPool } from '../src/proxy/pool.ts';

let pool: ConnectionPool;
const server = createServer();
const open = new Set<Socket>();
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  server.removeAllListeners('connection').on('connection', socket => {
    open.add(socket);
    socket.once('close', () => open.delete(socket)).on('error', () => undefined);
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  pool = new ConnectionPool({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  pool.close();
  vi.useRealTimers();
  await new Promise(resolve => server.close(resolve));
});

/** Resolves when the answer is complete and the connection given back. */
function ask(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    const sink: ExchangeSink = {
      onOpen: () => undefined,
      onInformational: () => undefined,
      onHead: () => undefined,
      onData: () => true,
      onPieceEnd: () => undefined,
      onEnd: () => resolve(),
      onUpgrade: () => reject(new Error('nobody asked for that')),
      onFailure: reject,
      onDrain: () => undefined,
    };
    connection.send('GET', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', sink);
    connection.finish();
  });
}

it('keeps what is needed all the time, and closes what only a rush has needed', async () => {
  const rush = Array.from({ length: 10 }, () => pool.take());
  await Promise.all(rush.map(ask));
  expect(open.size).toBe(10);
  vi.advanceTimersByTime(15_000);
  for (let round = 0; round < 3; round++) await Promise.all([pool.take(), pool.take()].map(ask));
  vi.advanceTimersByTime(15_000);
  await vi.waitFor(() => expect(open.size).toBe(2));
  await Promise.all([pool.take(), pool.take()].map(ask));
  expect(open.size).toBe(2);
  // Without any request, it closes them all.
  vi.advanceTimersByTime(30_000);
  await vi.waitFor(() => expect(open.size).toBe(0));
  await ask(pool.take());
  expect(open.size).toBe(1);
});

it('gives out none that the other end has closed', async () => {
  const first = pool.take();
  await ask(first);
  for (const socket of open) socket.end();
  // As soon as that is known here, and not only when the connection is gone.
  while (first.isUsable) await new Promise(setImmediate);
  const next = pool.take();
  expect(next).not.toBe(first);
  await ask(next);
});
