import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isProblem, start } from './support/deployment.ts';
import { nodeFunction } from './support/functions.ts';
import { ask, exchangeBytes, open, readAll } from './support/http.ts';

describe('every form of a Node function', () => {
  it.each([
    ['a function', 'export default (req, res) => res.end("form " + req.url)', 'index.mjs'],
    ['an async function', 'export default async (req, res) => { res.end("form " + req.url) }', 'index.mjs'],
    ['CommonJS', 'module.exports = (req, res) => res.end("form " + req.url)', 'index.cjs'],
    [
      'a default within a default',
      'exports.default = { default: (q, s) => s.end("form " + q.url) }',
      'index.cjs',
    ],
    [
      'an object with fetch',
      'export default { fetch: r => new Response("form " + new URL(r.url).pathname) }',
      'index.mjs',
    ],
    ['methods', 'export const GET = r => new Response("form " + new URL(r.url).pathname)', 'index.mjs'],
    [
      'an http.Server',
      'import http from "node:http"; export default http.createServer((q, s) => s.end("form " + q.url))',
      'index.mjs',
    ],
    [
      'a server that listens',
      'import http from "node:http"; http.createServer((q, s) => s.end("form " + q.url)).listen(process.env.PORT)',
      'index.mjs',
    ],
    [
      'one that listens on a port of its own',
      'import http from "node:http"; http.createServer((q, s) => s.end("form " + q.url)).listen(8080)',
      'index.mjs',
    ],
    [
      'one that listens later',
      'import http from "node:http"; (async () => { await new Promise(setImmediate); http.createServer((q, s) => s.end("form " + q.url)).listen({ port: process.env.PORT, host: "0.0.0.0" }) })()',
      'index.mjs',
    ],
    [
      'one with a second server',
      'import http from "node:http"; http.createServer((q, s) => s.end("metrics")).listen(9090); http.createServer((q, s) => s.end("form " + q.url)).listen(process.env.PORT)',
      'index.mjs',
    ],
    [
      'a socket server on PORT',
      'import net from "node:net"; net.createServer(s => s.on("data", () => s.end("HTTP/1.1 200 OK\\r\\nconnection: close\\r\\n\\r\\nform /a"))).listen(process.env.PORT, "127.0.0.1")',
      'index.mjs',
    ],
    [
      'one on IPv6 only',
      'import net from "node:net"; net.createServer(s => s.on("data", () => s.end("HTTP/1.1 200 OK\\r\\nconnection: close\\r\\n\\r\\nform /a"))).listen(process.env.PORT, "::1")',
      'index.mjs',
    ],
  ])('%s answers', async (_, code, handler) => {
    const site = await start(nodeFunction(code, {}, handler));
    expect(await ask(site.port, '/a')).toMatchObject({ status: 200, text: 'form /a' });
    expect(await ask(site.port, '/a')).toMatchObject({ status: 200, text: 'form /a' });
    await site.deployment.stop();
  });

  it('gives 405 with an empty body for a method that is not exported', async () => {
    const site = await start(nodeFunction('export const GET = () => new Response("x")'));
    expect(await ask(site.port, '/', { method: 'DELETE' })).toMatchObject({ status: 405, text: '' });
  });

  it('has the helpers of the api folder where the deployment asks for them', async () => {
    const code = `export default (req, res) => res.status(201).json({ q: req.query, b: req.body, c: req.cookies })`;
    const site = await start(nodeFunction(code, { shouldAddHelpers: true }));
    const headers = { 'content-type': 'application/json', cookie: 'a=1; b=%20' };
    const answer = await ask(site.port, '/?x=1&x=2', { method: 'POST', headers, body: '{"n":5}' });
    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.text)).toEqual({ q: { x: ['1', '2'] }, b: { n: 5 }, c: { a: '1', b: ' ' } });
  });

  it('that offers nothing is a 502, with the reason in the log alone', async () => {
    const site = await start(nodeFunction('export const nothing = 1'), { startTimeout: 20_000 });
    const answer = await ask(site.port, '/');
    expect(answer.status).toBe(502);
    expect(answer.text).not.toContain('PORT');
    expect(JSON.stringify(site.events.filter(isProblem))).toContain('does not listen on process.env.PORT');
  });
});

const ECHO = `
import { createHash } from 'node:crypto';
export default async (req, res) => {
  const [path] = req.url.split('?');
  if (path === '/env') return res.end(JSON.stringify(process.env));
  if (path === '/status') { res.statusCode = 418; res.statusMessage = 'Teapot'; return res.end(); }
  if (path === '/throw') throw new Error('thrown by the code');
  if (path === '/late-throw') { res.write('begun'); setImmediate(() => { throw new Error('late'); }); return; }
  if (path === '/cookies') { res.setHeader('set-cookie', ['a=1', 'b=2']); return res.end(); }
  if (path === '/hop') { res.setHeader('connection', 'x-secret-hop'); res.setHeader('x-secret-hop', '1'); return res.end('x'); }
  if (path === '/forge') { res.setHeader('x-vercel-id', 'forged'); return res.end('x'); }
  if (path === '/trailers') {
    res.writeHead(200, { trailer: 'x-sum' });
    const hash = createHash('sha1');
    for await (const chunk of req) { hash.update(chunk); res.write(chunk); }
    res.addTrailers({ 'x-sum': hash.digest('hex'), 'x-request': String(req.trailers['x-sent']) });
    return res.end();
  }
  if (path === '/early') { res.writeEarlyHints({ link: '</a.css>; rel=preload' }); return res.end('hinted'); }
  if (path === '/refuse') { res.statusCode = 413; return res.end('too large'); }
  if (path === '/sum') {
    const hash = createHash('sha1');
    let size = 0;
    for await (const chunk of req) { hash.update(chunk); size += chunk.length; }
    return res.end(JSON.stringify({ size, sha1: hash.digest('hex') }));
  }
  let body = '';
  for await (const chunk of req) body += chunk;
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, raw: req.rawHeaders, body }));
};`;

describe('a request', () => {
  it('arrives as it was sent: path, query, Host, repeated headers, body', async () => {
    const site = await start(nodeFunction(ECHO));
    const answer = await ask(site.port, '/a%20b/%E2%82%AC?x=1&x=2&y=%2F', {
      method: 'PATCH',
      headers: { host: 'shop.example:8080', 'X-Many': ['1', '2'], cookie: 'a=1' },
      body: 'text',
    });
    const seen = JSON.parse(answer.text);
    expect(seen).toMatchObject({ method: 'PATCH', url: '/a%20b/%E2%82%AC?x=1&x=2&y=%2F', body: 'text' });
    expect(seen.headers).toMatchObject({
      host: 'shop.example:8080',
      'x-many': '1, 2',
      cookie: 'a=1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop.example:8080',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '8080',
      'x-real-ip': '127.0.0.1',
      'x-vercel-id': answer.headers['x-vercel-id'],
    });
  });

  it('has lost what is about its connection, and what only svc may say', async () => {
    const site = await start(nodeFunction(ECHO));
    const forged = {
      connection: 'close, x-hop',
      'x-hop': '1',
      'keep-alive': 'timeout=5',
      'proxy-connection': 'keep-alive',
      te: 'gzip',
      'x-vercel-id': 'forged',
      'x-vercel-internal-service': 'ledger',
      'x-vercel-forwarded-for': '1.2.3.4',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'evil.example',
      'x-real-ip': '1.2.3.4',
      forwarded: 'for=1.2.3.4',
      'x-middleware-subrequest': 'middleware',
      'x-matched-path': '/admin',
      'x-vercel-signature': 'of a webhook',
    };
    const { headers } = JSON.parse((await ask(site.port, '/', { headers: forged })).text);
    for (const name of [
      'x-hop',
      'keep-alive',
      'proxy-connection',
      'te',
      'x-vercel-internal-service',
      'x-vercel-forwarded-for',
      'forwarded',
      'x-middleware-subrequest',
      'x-matched-path',
    ])
      expect(headers, name).not.toHaveProperty(name);
    expect(headers['x-vercel-signature']).toBe('of a webhook');
    expect(JSON.stringify(headers)).not.toMatch(/1\.2\.3\.4|forged|evil/);
  });

  it('with an absolute URL on its first line means that path', async () => {
    const site = await start(nodeFunction(ECHO));
    const text = await exchangeBytes(
      site.port,
      'GET http://shop.example/x?y=1 HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n',
    );
    expect(text).toContain('"url":"/x?y=1"');
  });

  it('sends large bodies both by length and in chunks, unharmed', async () => {
    const site = await start(nodeFunction(ECHO));
    const body = randomBytes(9_000_000);
    const sha1 = createHash('sha1').update(body).digest('hex');
    const byLength = await ask(site.port, '/sum', {
      method: 'POST',
      body,
      headers: { 'content-length': body.length },
    });
    expect(JSON.parse(byLength.text)).toEqual({ size: body.length, sha1 });
    const { outgoing, response } = open(site.port, '/sum', { method: 'POST' });
    for (let at = 0; at < body.length; at += 1_000_000) {
      if (!outgoing.write(body.subarray(at, at + 1_000_000))) await once(outgoing, 'drain');
    }
    outgoing.end();
    expect(JSON.parse((await readAll(await response)).text)).toEqual({ size: body.length, sha1 });
  });

  it('can be answered before its body is complete', async () => {
    const site = await start(nodeFunction(ECHO));
    const { outgoing, response } = open(site.port, '/refuse', {
      method: 'POST',
      headers: { 'content-length': 50_000_000 },
    });
    outgoing.on('error', () => undefined);
    outgoing.write(Buffer.alloc(1000));
    expect((await response).statusCode).toBe(413);
    outgoing.destroy();
    expect((await ask(site.port, '/x')).status).toBe(200);
  });

  it('passes trailers in both directions', async () => {
    const site = await start(nodeFunction(ECHO));
    const { outgoing, response } = open(site.port, '/trailers', {
      method: 'POST',
      headers: { te: 'trailers', trailer: 'x-sent', 'transfer-encoding': 'chunked' },
    });
    outgoing.write('part');
    outgoing.addTrailers({ 'x-sent': 'at the end' });
    outgoing.end();
    const answer = await readAll(await response);
    expect(answer.text).toBe('part');
    expect(answer.trailers).toEqual({
      'x-sum': createHash('sha1').update('part').digest('hex'),
      'x-request': 'at the end',
    });
  });

  it('waits for 100 Continue, which comes from the code', async () => {
    const site = await start(nodeFunction(ECHO));
    const { outgoing, response } = open(site.port, '/sum', {
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': 4 },
    });
    outgoing.flushHeaders();
    await once(outgoing, 'continue');
    outgoing.end('body');
    expect(JSON.parse((await readAll(await response)).text).size).toBe(4);
  });
});

describe('an answer', () => {
  it('keeps its status, its several cookies and early hints', async () => {
    const site = await start(nodeFunction(ECHO));
    expect((await ask(site.port, '/status')).status).toBe(418);
    expect((await ask(site.port, '/cookies')).headers['set-cookie']).toEqual(['a=1', 'b=2']);
    const { outgoing, response } = open(site.port, '/early');
    const hinted = once(outgoing, 'information');
    outgoing.end();
    expect((await hinted)[0]).toMatchObject({ statusCode: 103, headers: { link: '</a.css>; rel=preload' } });
    expect((await readAll(await response)).text).toBe('hinted');
  });

  it('has no headers about the connection to the code, and the id of the request', async () => {
    const site = await start(nodeFunction(ECHO));
    expect((await ask(site.port, '/hop')).headers).not.toHaveProperty('x-secret-hop');
    expect((await ask(site.port, '/forge')).headers['x-vercel-id']).toMatch(/^svc1::/);
  });

  it('to HEAD has a length and no body', async () => {
    const site = await start(
      nodeFunction('export default (q, s) => { s.setHeader("content-length", 5); s.end("hello") }'),
    );
    const answer = await ask(site.port, '/', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers['content-length']).toBe('5');
  });

  it('is 500 when the code throws, and the function lives on', async () => {
    const site = await start(
      nodeFunction(
        `let n = 0; const f = ${ECHO.split('export default ')[1]}; export default (q, s) => { s.setHeader('x-count', ++n); return f(q, s); }`.replace(
          /^/,
          "import { createHash } from 'node:crypto';",
        ),
      ),
    );
    expect((await ask(site.port, '/a')).headers['x-count']).toBe('1');
    const failed = await ask(site.port, '/throw');
    expect(failed).toMatchObject({ status: 500, text: '500: the function failed\n' });
    expect((await ask(site.port, '/b')).headers['x-count']).toBe('3');
    const logged = site.events.filter(event => event.type === 'function.output').map(({ line }) => line);
    expect(logged.join('\n')).toContain('thrown by the code');
  });

  it('streams: each event arrives before the next is made', async () => {
    const code = `
      const waiting = [];
      export default (req, res) => {
        if (req.url === '/next') { waiting.shift()?.(); return res.end(); }
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.flushHeaders();
        let n = 0;
        const step = () => { n++; if (n > 3) return res.end(); waiting.push(step); res.write('data: ' + n + '\\n\\n'); };
        waiting.push(step);
      };`;
    const site = await start(nodeFunction(code));
    const { outgoing, response } = open(site.port, '/events');
    outgoing.end();
    const incoming = await response;
    expect(incoming.headers['content-type']).toBe('text/event-stream');
    incoming.setEncoding('utf8');
    for (const n of [1, 2, 3]) {
      const event = once(incoming, 'data');
      await ask(site.port, '/next');
      expect((await event)[0]).toBe(`data: ${n}\n\n`);
    }
    const end = once(incoming, 'end');
    await ask(site.port, '/next');
    incoming.resume();
    await end;
  });

  it('is no longer made when the client has left', async () => {
    const code = `
      const left = [];
      let tell;
      export default {
        fetch(request) {
          if (new URL(request.url).pathname === '/left') return new Promise(done => { tell = () => done(Response.json(left)); if (left.length) tell(); });
          request.signal.addEventListener('abort', () => { left.push('gone'); tell?.(); });
          return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('begin')); } }));
        },
      };`;
    const site = await start(nodeFunction(code));
    const { outgoing, response } = open(site.port, '/stream');
    outgoing.on('error', () => undefined);
    outgoing.end();
    const incoming = await response;
    incoming.on('error', () => undefined);
    await once(incoming, 'data');
    outgoing.destroy();
    expect(JSON.parse((await ask(site.port, '/left')).text)).toEqual(['gone']);
  });

  it('waits for a client that reads slowly, and is all there in the end', async () => {
    const code = `export default (req, res) => {
      let n = 0;
      const more = () => { while (n++ < 300) if (!res.write(Buffer.alloc(100_000, n % 256))) return res.once('drain', more); res.end(); };
      more();
    };`;
    const site = await start(nodeFunction(code));
    const { outgoing, response } = open(site.port, '/');
    outgoing.end();
    const incoming = await response;
    incoming.pause();
    // Meanwhile others are served.
    expect((await ask(site.port, '/', { method: 'HEAD' })).status).toBe(200);
    const { body } = await readAll(incoming);
    expect(body.length).toBe(30_000_000);
    expect(body.readUInt8(29_999_999)).toBe(300 % 256);
  });
});

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

describe('the environment', () => {
  it('is that of svc, what the platform sets, env files and the deployment, in this order', async () => {
    const site = await start(nodeFunction(ECHO, { environment: { FROM_BUILD: 'b', LAYER: 'deployed' } }), {
      env: { PATH: process.env.PATH, SECRET: 's', LAYER: 'caller', NODE_ENV: 'test', PORT: '1' },
      declaredEnv: { FROM_FILE: 'f', LAYER: 'file' },
    });
    const env = JSON.parse((await ask(site.port, '/env')).text);
    expect(env).toMatchObject({
      SECRET: 's',
      FROM_FILE: 'f',
      FROM_BUILD: 'b',
      LAYER: 'deployed',
      NODE_ENV: 'production',
      VERCEL: '1',
      VERCEL_ENV: 'production',
    });
    expect(Number(env.PORT)).toBeGreaterThan(1);
    expect(env).not.toHaveProperty('SVC_LAUNCH');
  });
});

describe('what cannot be run', () => {
  it.each([
    [{ runtime: 'edge' }, 'edge functions'],
    [{ runtime: 'bun1.x' }, 'bun1.x'],
    [{ runtime: 'nodejs22.x', launcherType: undefined }, 'AWS Lambda'],
  ])('%j is a 501 that says so', async (config, reason) => {
    const site = await start(nodeFunction('', config));
    expect(site.deployment.unsupported[0]?.reason).toContain(reason);
    const answer = await ask(site.port, '/');
    expect(answer.status).toBe(501);
    expect(answer.text).toContain(reason);
    expect(JSON.stringify(site.events.filter(isProblem))).toContain(reason);
  });
});
