import { describe, expect, it } from 'vitest';
import { isProblem, start } from './support/deployment.ts';
import { ECHO } from './support/echo.ts';
import { nodeFunction } from './support/functions.ts';
import { ask } from './support/http.ts';

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
