import type { Duplex } from 'node:stream';

/** Connects two ends for good: what comes from one goes to the other. Resolves when both are closed, with the bytes sent out. */
export function tunnel(client: Duplex, code: Duplex): Promise<number> {
  let bytes = 0;
  code.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  client.pipe(code);
  // A client that has closed is gone, whether or not the code closes as well.
  code.once('finish', () => code.destroy());
  code.pipe(client);
  const ends = [client, code].map(
    end =>
      new Promise<void>(resolve => {
        end.on('error', () => undefined);
        end.once('close', () => resolve());
      }),
  );
  // One that is gone without a farewell takes the other with it.
  client.once('close', () => code.destroy());
  code.once('close', () => client.destroy());
  return Promise.all(ends).then(() => bytes);
}

/** The response to an upgrade, as it goes onto the wire. */
export function upgradeHead(
  message: string,
  headers: readonly (readonly [name: string, value: string])[],
  protocol: string,
): string {
  const lines = headers
    .filter(([, value]) => !/[\r\n\0]/.test(value))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 101 ${message || 'Switching Protocols'}\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n${lines.join('')}\r\n`;
}
