import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { start } from './support/deployment.ts';
import { nodeFunction } from './support/functions.ts';
import { exchangeBytes, open, readAll } from './support/http.ts';

describe('an upgrade', () => {
  const CODE = `
    import http from 'node:http';
    const server = http.createServer((req, res) => res.end('plain'));
    server.on('upgrade', (req, socket, head) => {
      if (req.url === '/no') return socket.end('HTTP/1.1 403 Forbidden\\r\\ncontent-length: 4\\r\\n\\r\\nnope');
      socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nX-Saw: ' + req.url + '\\r\\n\\r\\nhello');
      if (head.length) socket.write('head:' + head);
      socket.on('data', data => socket.write('echo:' + data));
      socket.on('error', () => {});
    });
    server.listen(process.env.PORT);
    export default server;`;
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x' };

  it('connects client and code, and passes bytes both ways until one end closes', async () => {
    const site = await start(nodeFunction(CODE));
    const { outgoing } = open(site.port, '/room?x=1', { headers: upgrade });
    outgoing.end();
    const [response, socket, head] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Socket, Buffer];
    expect(response.headers).toMatchObject({ 'x-saw': '/room?x=1', upgrade: 'websocket' });
    expect(response.headers['x-vercel-id']).toMatch(/^svc1::/);
    let text = head.toString();
    socket.setEncoding('utf8').on('data', chunk => {
      text += chunk;
    });
    const echoed = new Promise<void>(resolve => {
      socket.on('data', () => {
        if (text === 'helloecho:ping') resolve();
      });
    });
    socket.write('ping');
    await echoed;
    socket.destroy();
    const told = await site.next(event => event.type === 'request' && event.record.status === 101);
    expect(told).toMatchObject({ record: { target: '/room?x=1', bytes: 14 } });
  });

  it('that the code refuses is an ordinary answer', async () => {
    const site = await start(nodeFunction(CODE));
    const { outgoing, response } = open(site.port, '/no', { headers: upgrade });
    outgoing.end();
    expect(await readAll(await response)).toMatchObject({ status: 403, text: 'nope' });
  });

  it('lets nothing follow that was not routed: a refused one ends the connection', async () => {
    const site = await start(nodeFunction(CODE));
    const text = await exchangeBytes(
      site.port,
      'GET /no HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n',
    );
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('to another protocol than WebSocket is not made', async () => {
    const site = await start(nodeFunction(CODE));
    const { outgoing, response } = open(site.port, '/', {
      headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'x' },
    });
    outgoing.end();
    expect(await readAll(await response)).toMatchObject({ status: 200, text: 'plain' });
  });
});
