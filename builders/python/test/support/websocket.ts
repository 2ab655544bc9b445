import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/** Opens a WebSocket, sends one short text and gives the first text that comes back. */
export function exchange(origin: string, path: string, text: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = Buffer.alloc(0);
    let isOpen = false;
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after: ${received.toString('latin1')}`)));
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk]);
      if (!isOpen) {
        const end = received.indexOf('\r\n\r\n');
        if (end === -1) return;
        if (!received.toString('latin1').startsWith('HTTP/1.1 101')) return;
        isOpen = true;
        received = received.subarray(end + 4);
        socket.write(textFrame(text));
      }
      const length = received[1];
      if (length === undefined || received.length < 2 + length) return;
      resolve(received.subarray(2, 2 + length).toString());
      socket.destroy();
    });
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: ${hostname}:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        '\r\n',
      ].join('\r\n'),
    );
  });
}

/** A final text frame of fewer than 126 bytes, masked as clients must. */
function textFrame(text: string): Buffer {
  const mask = randomBytes(4);
  const payload = Buffer.from(text).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
}
