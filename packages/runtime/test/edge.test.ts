import { describe, expect, it } from 'vitest';
import { isProblem, start } from './support/deployment.ts';
import { TO_INDEX } from './support/functions.ts';
import { ask, open } from './support/http.ts';

/** `export function add(a: i32, b: i32): i32`, assembled by hand. */
const ADD = Buffer.from(
  '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b',
  'hex',
);

function edge(code: string, more: Parameters<typeof start>[0] = {}, config: object = {}) {
  return start({
    'config.json': { version: 3, routes: TO_INDEX },
    'functions/index.func/.vc-config.json': { runtime: 'edge', entrypoint: 'main.js', ...config },
    'functions/index.func/main.js': code,
    ...Object.fromEntries(
      Object.entries(more).map(([path, content]) => [`functions/index.func/${path}`, content]),
    ),
  });
}

describe('an edge function', () => {
  it('gets a web request, and its answer streams', async () => {
    const { port } = await edge(`
      export default async request => {
        const body = await request.text();
        const answer = { method: request.method, url: request.url, own: request.headers.get('x-own'), body };
        return new Response(new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode(JSON.stringify(answer)));
            controller.close();
          },
        }), { status: 201, headers: { 'x-answer': 'yes' } });
      };`);
    const body = 'x'.repeat(100_000);
    const answer = await ask(port, '/a?b=1', {
      method: 'POST',
      headers: { 'x-own': '1', host: 'site.example' },
      body,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['x-answer']).toBe('yes');
    expect(JSON.parse(answer.text)).toEqual({
      method: 'POST',
      url: 'http://site.example/a?b=1',
      own: '1',
      body,
    });
  });

  it('may be several files, with packages, Node modules that the platform has, and handlers by method', async () => {
    const { port } = await edge(
      `import { greet } from './lib/greet.js';
       import { AsyncLocalStorage } from 'node:async_hooks';
       import { Buffer } from 'buffer';
       const storage = new AsyncLocalStorage();
       export const GET = () => storage.run('world', async () => {
         await null;
         return new Response(greet(Buffer.from(storage.getStore()).toString()));
       });`,
      { 'lib/greet.js': 'export const greet = name => "hello " + name;' },
    );
    expect((await ask(port, '/')).text).toBe('hello world');
    expect(await ask(port, '/', { method: 'DELETE' })).toMatchObject({ status: 405, text: '' });
  });

  it('runs WebAssembly and reads its assets, and nothing outside of its folder', async () => {
    const { port } = await edge(
      `import module from './add.wasm?module';
       const { exports } = new WebAssembly.Instance(module);
       export default async request => {
         if (request.url.endsWith('/outside')) {
           return fetch(new URL('../../config.json', import.meta.url)).catch(error => new Response(error.message, { status: 403 }));
         }
         const asset = await (await fetch('blob:greeting')).text();
         const beside = await (await fetch(new URL('./greeting.txt', import.meta.url))).text();
         return Response.json({ sum: exports.add(2, 3), asset, beside });
       };`,
      { 'add.wasm': ADD, 'greeting.txt': 'hello' },
      { assets: [{ name: 'greeting', path: 'greeting.txt' }] },
    );
    expect(JSON.parse((await ask(port, '/')).text)).toEqual({ sum: 5, asset: 'hello', beside: 'hello' });
    expect((await ask(port, '/outside')).status).toBe(403);
  });

  it('that asks for what the edge does not have says so when it starts', async () => {
    const site = await edge(
      "import { readFileSync } from 'node:fs'; export default () => new Response(readFileSync('/etc/passwd'));",
    );
    expect((await ask(site.port, '/')).status).toBe(502);
    const told = site.events.filter(isProblem).map(event => (event.type === 'problem' ? event.message : ''));
    expect(told.join('\n')).toContain('node:fs');
  });

  it('that crashes costs its requests a 502, and is started again', async () => {
    const { port } = await edge(`export default request => {
      if (request.url.endsWith('/crash')) { setTimeout(() => { throw new Error('late'); }, 0); return new Promise(() => {}); }
      return new Response('fine');
    };`);
    expect((await ask(port, '/')).text).toBe('fine');
    expect((await ask(port, '/crash')).status).toBe(502);
    expect((await ask(port, '/')).text).toBe('fine');
  });

  it('learns that the client has left, and may go on in the background', async () => {
    const site = await edge(`export default (request, context) => {
      request.signal.addEventListener('abort', () => context.waitUntil(Promise.resolve().then(() => console.log('the client left'))));
      return new Response(new ReadableStream({ pull() { return new Promise(() => {}); } }));
    };`);
    const { outgoing, response } = open(site.port, '/');
    outgoing.end();
    (await response).destroy();
    await site.next(event => event.type === 'function.output' && event.line === 'the client left');
  });
});
