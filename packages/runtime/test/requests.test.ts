import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { start } from './support/deployment.ts';
import { ECHO } from './support/echo.ts';
import { nodeFunction } from './support/functions.ts';
import { ask, exchangeBytes, open, readAll } from './support/http.ts';

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
