import { describe, expect, it } from 'vitest';
import { start } from './support/deployment.ts';
import { binding, services, toService } from './support/functions.ts';
import { ask, exchangeBytes } from './support/http.ts';

const PASSWORD = 'correct horse & "battery"';
const TOKEN = 'token-for-programs';
const HTML = { accept: 'text/html,*/*' };

const CALLER = `export default async (req, res) => {
  if (req.url === '/call') return res.end(await (await fetch(process.env.STOCK_URL)).text());
  res.end('inside ' + req.url);
};`;

function site(more: Parameters<typeof start>[1] = {}) {
  const files = services([toService('^/(.*)$', 'orders')], {
    orders: { code: CALLER, bindings: [binding('stock', 'STOCK_URL')] },
    stock: { code: 'export default (req, res) => res.end("from stock");' },
  });
  return start(files, { protection: { password: PASSWORD, bypassToken: TOKEN }, ...more });
}

function submit(port: number, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const body = String(new URLSearchParams(fields));
  return ask(port, '/.well-known/svc/password', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
      ...headers,
    },
    body,
  });
}

const cookieOf = (answer: Awaited<ReturnType<typeof ask>>) => String(answer.headers['set-cookie']?.[0]);

describe('a protected deployment', () => {
  it('asks people for the password, and programs for the token', async () => {
    const { port } = await site();
    const page = await ask(port, '/a?b=%22%3E', { headers: HTML });
    expect(page.status).toBe(401);
    expect(page.text).toContain('<label for="password">');
    expect(page.text).toContain('value="/a?b=%22%3E"');
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const plain = await ask(port, '/a');
    expect(plain.status).toBe(401);
    expect(plain.text).not.toContain('<');
  });

  it('shows nothing of itself: no page for errors, no redirect, no upgrade', async () => {
    const { port, deployment } = await site();
    for (const path of ['/nothing', '//double', '/_vercel/image', '/.well-known/x', '/%00', '*']) {
      expect((await ask(port, path)).status).toBe(401);
    }
    const upgraded = await exchangeBytes(
      port,
      'GET /room HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\n\r\n',
    );
    expect(upgraded).toMatch(/^HTTP\/1\.1 401 /);
    expect(deployment.usage().every(({ invocations }) => invocations === 0)).toBe(true);
  });

  it('lets in who knows the password, and goes on to what was asked for', async () => {
    const { port } = await site();
    const wrong = await submit(port, { password: 'guess', next: '/a' });
    expect(wrong.status).toBe(401);
    expect(wrong.text).toContain('role="alert"');
    expect(wrong.headers['set-cookie']).toBeUndefined();
    const right = await submit(port, { password: PASSWORD, next: '/a?b=1' });
    expect(right.status).toBe(303);
    expect(right.headers.location).toBe('/a?b=1');
    const cookie = cookieOf(right);
    expect(cookie).toMatch(/; HttpOnly; SameSite=Lax$/);
    const [pair = ''] = cookie.split(';');
    expect((await ask(port, '/a', { headers: { cookie: `x=1; ${pair}` } })).text).toBe('inside /a');
    const forged = pair.replace(/.$/, last => (last === 'A' ? 'B' : 'A'));
    expect((await ask(port, '/a', { headers: { cookie: forged } })).status).toBe(401);
    const later = pair.replace(/=\d+/, expires => `=${Number(expires.slice(1)) + 1}`);
    expect((await ask(port, '/a', { headers: { cookie: later } })).status).toBe(401);
  });

  it('sends nobody to another site, and marks the cookie for TLS behind a proxy', async () => {
    const { port } = await site();
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', '/a\r\nx: y']) {
      expect((await submit(port, { password: PASSWORD, next })).headers.location).toBe('/');
    }
    const secure = await submit(port, { password: PASSWORD }, { 'x-forwarded-proto': 'https' });
    expect(cookieOf(secure)).toMatch(/SameSite=Lax; Secure$/);
  });

  it('makes guessing slow', async () => {
    let time = 1_700_000_000_000;
    const { port } = await site({ now: () => time });
    for (let count = 0; count < 10; count++) await submit(port, { password: String(count) });
    expect((await submit(port, { password: PASSWORD })).status).toBe(429);
    time += 60_000;
    expect((await submit(port, { password: PASSWORD })).status).toBe(303);
  });

  it('lets a cookie end after a week', async () => {
    let time = 1_700_000_000_000;
    const { port } = await site({ now: () => time });
    const [cookie = ''] = cookieOf(await submit(port, { password: PASSWORD })).split(';');
    time += 7 * 24 * 3_600_000 - 1000;
    expect((await ask(port, '/', { headers: { cookie } })).status).toBe(200);
    time += 2000;
    expect((await ask(port, '/', { headers: { cookie } })).status).toBe(401);
  });

  it('lets programs in by the token in a header or the query, with a cookie when they want one', async () => {
    const { port } = await site();
    expect((await ask(port, '/a', { headers: { 'x-vercel-protection-bypass': TOKEN } })).text).toBe(
      'inside /a',
    );
    expect((await ask(port, `/a?x-vercel-protection-bypass=${TOKEN}`)).status).toBe(200);
    expect((await ask(port, '/a', { headers: { 'x-vercel-protection-bypass': 'guess' } })).status).toBe(401);
    const query = `x-vercel-protection-bypass=${TOKEN}&x-vercel-set-bypass-cookie=samesitenone`;
    const set = await ask(port, `/a?b=1&${query}`);
    expect(set.status).toBe(307);
    expect(set.headers.location).toBe('/a?b=1');
    expect(cookieOf(set)).toMatch(/SameSite=None; Secure$/);
    const [cookie = ''] = cookieOf(set).split(';');
    expect((await ask(port, '/a', { headers: { cookie } })).status).toBe(200);
  });

  it('leaves calls over bindings alone', async () => {
    const { port } = await site();
    const answer = await ask(port, '/call', { headers: { 'x-vercel-protection-bypass': TOKEN } });
    expect(answer.text).toBe('from stock');
  });
});
