import { chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Files, folderOf, isProblem, type Site, start, tryStart } from './support/deployment.ts';
import { nodeFunction, TO_INDEX } from './support/functions.ts';
import { ask } from './support/http.ts';

/** What the vendor's trampoline does, in short: a server of its own on a free port, told over the Unix socket. */
const TRAMPOLINE = `
import http.server, json, os, socket, threading
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        body = json.dumps({'path': self.path, 'cwd': os.getcwd(), 'id': self.headers.get('x-vercel-id')}).encode()
        self.send_response(200)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
ipc = socket.socket(socket.AF_UNIX)
ipc.connect(os.environ['VERCEL_IPC_PATH'])
for message in ({'type': 'log', 'payload': {}}, {'type': 'server-started', 'payload': {'httpPort': server.server_port}}):
    ipc.sendall(json.dumps(message).encode() + b'\\0')
server.serve_forever()
`;

/** A program that listens on PORT, on one address family. */
const SERVER = (host: string) => `#!/usr/bin/env node
require('node:http').createServer((req, res) => res.end(process.argv[1].split('/').pop() + ' ' + req.url)).listen(process.env.PORT, '${host}');
`;

function withFunction(config: object, files: Files): Files {
  return {
    'config.json': { version: 3, routes: TO_INDEX },
    'functions/index.func/.vc-config.json': config,
    ...Object.fromEntries(
      Object.entries(files).map(([name, content]) => [`functions/index.func/${name}`, content]),
    ),
  };
}

describe('a Python function', () => {
  it('is run by its trampoline, and found at the port that it tells', async () => {
    const site = await start(
      withFunction(
        { runtime: 'python3.12', handler: 'vc__handler__python.vc_handler' },
        { 'vc__handler__python.py': TRAMPOLINE },
      ),
    );
    const seen = JSON.parse((await ask(site.port, '/items?x=1')).text);
    expect(seen).toMatchObject({ path: '/items?x=1', id: expect.stringContaining('svc1::') });
    expect(seen.cwd).toMatch(/index\.func$/);
  });
});

describe('a compiled program', () => {
  it.each([
    ['127.0.0.1', { executable: 'not this one', 'user-server': SERVER('127.0.0.1') }, 'user-server'],
    ['::1', { executable: SERVER('::1') }, 'executable'],
  ])('is run with PORT, and found on %s', async (_, files, program) => {
    const folder = await folderOf(withFunction({ runtime: 'executable', handler: 'executable' }, files));
    await chmod(join(folder, 'functions/index.func', program), 0o755);
    const started = await tryStart(folder);
    if (!('site' in started)) throw new Error('it did not start');
    expect((await ask(started.site.port, '/a?b')).text).toBe(`${program} /a?b`);
  });

  it('that cannot be executed is a 502, with the reason in the log', async () => {
    const site = await start(
      withFunction({ runtime: 'executable', handler: 'executable' }, { executable: 'x' }),
    );
    expect((await ask(site.port, '/')).status).toBe(502);
    expect(JSON.stringify(site.events.filter(isProblem))).toContain('EACCES');
  });
});

describe('files that were left in the checkout', () => {
  it('are gathered from there', async () => {
    const folder = await folderOf({
      'node_modules/dep/index.js': 'module.exports = "from the checkout";',
      ...Object.fromEntries(
        Object.entries(
          nodeFunction(
            'const dep = require("dep"); module.exports = (req, res) => res.end(dep);',
            { filePathMap: { 'node_modules/dep/index.js': 'node_modules/dep/index.js' } },
            'index.cjs',
          ),
        ).map(([path, content]) => [`.vercel/output/${path}`, content]),
      ),
    });
    const started = await tryStart(join(folder, '.vercel/output'));
    if (!('site' in started)) throw new Error('it did not start');
    expect((await ask(started.site.port, '/')).text).toBe('from the checkout');
  });

  it('and are gone are named', async () => {
    const site = await start(nodeFunction('', { filePathMap: { a: 'node_modules/gone/index.js' } }));
    expect((await ask(site.port, '/')).status).toBe(502);
    expect(JSON.stringify(site.events.filter(isProblem))).toContain('node_modules/gone/index.js');
  });
});

describe('a prerender', () => {
  let site: Site;
  beforeAll(async () => {
    site = await start({
      ...nodeFunction('export default (req, res) => res.end("made now " + req.method)'),
      'config.json': { version: 3, routes: [{ handle: 'filesystem' }] },
      'functions/index.prerender-config.json': {
        expiration: 60,
        bypassToken: 'secret',
        allowQuery: ['page'],
        experimentalBypassFor: [{ type: 'header', key: 'next-action' }],
        fallback: { type: 'FileFsRef', mode: 33188, fsPath: 'index.prerender-fallback.html' },
        initialHeaders: { 'x-made': 'then', 'content-type': 'text/html; charset=utf-8' },
        initialStatus: 203,
      },
      'functions/index.prerender-fallback.html': 'made then',
    });
  });

  it('gives what was kept, with its status and headers', async () => {
    for (const path of ['/', '/?unknown=1']) {
      const answer = await ask(site.port, path);
      expect(answer).toMatchObject({ status: 203, text: 'made then' });
      expect(answer.headers).toMatchObject({ 'x-made': 'then', 'content-type': 'text/html; charset=utf-8' });
    }
    expect(await ask(site.port, '/', { method: 'HEAD' })).toMatchObject({ status: 203, text: '' });
  });

  it.each([
    ['another method', '/', { method: 'POST' }],
    ['a query that makes a difference', '/?page=2', {}],
    ['the token', '/', { headers: { 'x-prerender-revalidate': 'secret' } }],
    ['a condition', '/', { headers: { 'next-action': 'x' } }],
  ])('lets the function answer for %s', async (_, path, options) => {
    expect((await ask(site.port, path, options)).text).toMatch(/^made now/);
  });
});

describe('a rewrite to another site', () => {
  const other = createServer((req, res) => {
    res.setHeader('x-other', '1');
    res.end(
      JSON.stringify({
        url: req.url,
        host: req.headers.host,
        forwarded: req.headers['x-forwarded-host'],
        method: req.method,
      }),
    );
  });
  let origin: string;
  beforeAll(async () => {
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  });
  afterAll(() => void other.close());

  it('asks that site by its own name', async () => {
    const site = await start({
      'config.json': { version: 3, routes: [{ src: '^/out/(.*)$', dest: `${origin}/in/$1` }] },
      'static/a': '',
    });
    const answer = await ask(site.port, '/out/a%20b?x=1', {
      method: 'POST',
      body: 'text',
      headers: { host: 'shop.example' },
    });
    expect(answer.headers['x-other']).toBe('1');
    expect(JSON.parse(answer.text)).toEqual({
      url: '/in/a%20b?x=1',
      host: new URL(origin).host,
      forwarded: 'shop.example',
      method: 'POST',
    });
  });

  it('that cannot be reached is a 502, with the reason in the log', async () => {
    const site = await start({
      'config.json': { version: 3, routes: [{ src: '^/(.*)$', dest: 'http://127.0.0.1:1/$1' }] },
      'static/a': '',
    });
    expect((await ask(site.port, '/x')).status).toBe(502);
    expect(JSON.stringify(site.events.filter(isProblem))).toContain('http://127.0.0.1:1 cannot be reached');
  });
});
