import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { start } from './support/deployment.ts';
import { ECHO } from './support/echo.ts';
import { nodeFunction } from './support/functions.ts';
import { ask, open, readAll } from './support/http.ts';

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

describe('a head that cannot be sent on', () => {
  const raw = (text: string) => `
    import net from 'node:net';
    net.createServer(s => s.on('data', () => s.end(Buffer.from(${JSON.stringify(text)}, 'latin1')))).listen(process.env.PORT, '127.0.0.1');`;

  it.each([
    ['a control character', 'HTTP/1.1 200 OK\r\nx-a: \u0001\r\ncontent-length: 2\r\n\r\nok'],
    ['no HTTP at all', 'hello, who are you?\r\n\r\n'],
    ['a body that is too short', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n'],
  ])('(%s) is a 502, and the next request is served', async (_, text) => {
    const site = await start(nodeFunction(raw(text)));
    for (let n = 0; n < 2; n++) expect((await ask(site.port, '/')).status).toBe(502);
  });

  it('is left out where it is only a hint', async () => {
    const site = await start(
      nodeFunction(
        raw('HTTP/1.1 103 Early\r\nlink: nonsense\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
      ),
    );
    expect(await ask(site.port, '/')).toMatchObject({ status: 200, text: 'ok' });
  });

  it('may announce trailers that never come', async () => {
    const site = await start(
      nodeFunction('export default (q, s) => { s.setHeader("trailer", "x-a"); s.write("o"); s.end("k"); }'),
    );
    expect(await ask(site.port, '/')).toMatchObject({ status: 200, text: 'ok' });
  });
});
