import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
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

  it('is changed by the tables as any request is: rewrites, transforms, headers of the response', async () => {
    const files = nodeFunction(CODE);
    const site = await start({
      ...files,
      'config.json': {
        version: 3,
        routes: [
          { src: '/(.*)', headers: { 'x-table': 'yes' }, continue: true },
          {
            src: '/chat/(.*)',
            dest: '/index',
            transforms: [
              { type: 'request.path', op: 'set', args: '/rooms/$1' },
              { type: 'request.query', op: 'set', target: { key: 'via' }, args: 'table' },
            ],
          },
        ],
      },
    });
    const { outgoing } = open(site.port, '/chat/one?x=1', { headers: upgrade });
    outgoing.end();
    const [response, socket] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Socket];
    expect(response.headers).toMatchObject({ 'x-saw': '/rooms/one?x=1&via=table', 'x-table': 'yes' });
    socket.destroy();
  });

  it('goes to another site where the tables lead there', async () => {
    const other = createServer((_, response) => response.writeHead(426).end('plain'));
    other.on('upgrade', (request, socket) => {
      if (request.url === '/base/refused') {
        socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno');
        return;
      }
      const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      socket.write(`${[...head, `X-Saw: ${request.headers.host} ${request.url}`].join('\r\n')}\r\n\r\nhello`);
      socket.on('data', data => socket.write(`echo:${data}`)).on('error', () => undefined);
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const site = await start({
      'config.json': { version: 3, routes: [{ src: '/ws/(.*)', dest: `http://127.0.0.1:${port}/base/$1` }] },
    });
    const { outgoing } = open(site.port, '/ws/room', { headers: upgrade });
    outgoing.end();
    const [response, socket, head] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Socket, Buffer];
    expect(response.headers['x-saw']).toBe(`127.0.0.1:${port} /base/room`);
    let text = head.toString();
    socket.setEncoding('utf8').on('data', chunk => {
      text += chunk;
    });
    socket.write('ping');
    await expect.poll(() => text).toBe('helloecho:ping');
    socket.destroy();
    const told = await site.next(event => event.type === 'request' && event.record.status === 101);
    expect(told).toMatchObject({ record: { target: '/ws/room', bytes: 14 } });

    const refused = open(site.port, '/ws/refused', { headers: upgrade });
    refused.outgoing.end();
    expect(await readAll(await refused.response)).toMatchObject({ status: 403, text: 'no' });
    other.close();
  });
});
