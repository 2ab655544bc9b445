import { describe, expect, it } from 'vitest';
import { start } from './support/deployment.ts';
import { functionFiles, TO_INDEX } from './support/functions.ts';
import { ask } from './support/http.ts';

const ECHO = `export default async (req, res) => {
  let body = '';
  for await (const chunk of req) body += chunk;
  res.setHeader('set-cookie', 'own=1');
  res.end(JSON.stringify({ url: req.url, headers: req.headers, body }));
};`;

const EDGE = `export default async function (request, context) {
  const url = new URL(request.url);
  const go = (headers = {}) => new Response(null, { headers: { 'x-middleware-next': '1', ...headers } });
  switch (url.pathname) {
    case '/redirect': return Response.redirect(new URL('/there', url), 307);
    case '/answer': return new Response('by middleware', { status: 418, headers: { 'x-own': 'yes', 'x-middleware-secret': '1' } });
    case '/rewrite': return new Response(null, { headers: { 'x-middleware-rewrite': new URL('/page.html', url).href } });
    case '/loop': for (;;);
    case '/throw': throw new Error('middleware is broken');
    case '/body': return go({ 'x-body': await request.text() });
    case '/override': return go({
      'x-middleware-override-headers': 'x-kept,x-new',
      'x-middleware-request-x-kept': 'changed',
      'x-middleware-request-x-new': 'made',
    });
    case '/env': return Response.json({ env: { ...process.env }, runtime: typeof EdgeRuntime, node: typeof process.binding });
    default: {
      const headers = new Headers({ 'x-middleware-next': '1', 'x-added': 'yes' });
      headers.append('set-cookie', 'a=1');
      headers.append('set-cookie', 'b=2');
      return new Response(null, { headers });
    }
  }
}`;

const NODE = `export default (req, res) => {
  res.setHeader('x-middleware-next', '1');
  res.setHeader('x-added', 'by node ' + req.url);
  res.end();
};`;

function site(middleware: object, code: string, file: string) {
  return start({
    'config.json': {
      version: 3,
      routes: [
        {
          src: '/(.*)',
          middlewarePath: '_middleware',
          middlewareRawSrc: ['/(.*)'],
          continue: true,
          override: true,
        },
        ...TO_INDEX,
      ],
    },
    'static/page.html': 'a page',
    'functions/_middleware.func/.vc-config.json': middleware,
    [`functions/_middleware.func/${file}`]: code,
    ...functionFiles('', ECHO),
  });
}

const edgeSite = (more: object = {}) =>
  site({ runtime: 'edge', entrypoint: 'index.js', ...more }, EDGE, 'index.js');

describe('edge middleware', () => {
  it('lets the request go on, with headers and cookies for the response', async () => {
    const { port, deployment } = await edgeSite();
    const answer = await ask(port, '/x?a=1');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ url: '/x?a=1' });
    expect(answer.headers['x-added']).toBe('yes');
    expect(answer.headers['set-cookie']).toEqual(['own=1', 'a=1', 'b=2']);
    expect(answer.headers['x-middleware-next']).toBeUndefined();
    expect(deployment.usage()).toMatchObject([{ service: null, requests: 1, invocations: 2 }]);
  });

  it('answers files with its headers too', async () => {
    const { port } = await edgeSite();
    const answer = await ask(port, '/page.html');
    expect(answer.text).toBe('a page');
    expect(answer.headers).toMatchObject({ 'x-added': 'yes', 'set-cookie': ['a=1', 'b=2'] });
  });

  it('redirects, rewrites and answers by itself', async () => {
    const { port } = await edgeSite();
    const redirect = await ask(port, '/redirect');
    expect(redirect.status).toBe(307);
    expect(redirect.headers.location).toBe(`http://127.0.0.1:${port}/there`);
    expect((await ask(port, '/rewrite')).text).toBe('a page');
    const own = await ask(port, '/answer');
    expect(own).toMatchObject({ status: 418, text: 'by middleware' });
    expect(own.headers['x-own']).toBe('yes');
    expect(own.headers['x-middleware-secret']).toBeUndefined();
  });

  it('changes what the function sees of the request', async () => {
    const { port } = await edgeSite();
    const answer = await ask(port, '/override', { headers: { 'x-kept': 'old', 'x-dropped': '1' } });
    const { headers } = JSON.parse(answer.text);
    expect(headers).toMatchObject({ 'x-kept': 'changed', 'x-new': 'made' });
    expect(headers['x-dropped']).toBeUndefined();
  });

  it('sees a short body, and the function the same', async () => {
    const { port } = await edgeSite();
    const answer = await ask(port, '/body', {
      method: 'POST',
      headers: { 'content-length': 5 },
      body: 'hello',
    });
    expect(answer.headers['x-body']).toBe('hello');
    expect(JSON.parse(answer.text).body).toBe('hello');
  });

  it('hands a long body to the function alone, whole', async () => {
    const { port } = await edgeSite();
    const body = 'x'.repeat(3_000_000);
    const answer = await ask(port, '/long', {
      method: 'POST',
      headers: { 'content-length': body.length },
      body,
    });
    expect(JSON.parse(answer.text).body).toHaveLength(body.length);
  });

  it('an error is a 500 for that request alone', async () => {
    const { port } = await edgeSite();
    expect((await ask(port, '/throw')).status).toBe(500);
    expect((await ask(port, '/x')).status).toBe(200);
  });

  it('an endless loop is ended by maxDuration and replaced', async () => {
    const { port } = await edgeSite({ maxDuration: 1 });
    expect((await ask(port, '/loop')).status).toBe(504);
    expect((await ask(port, '/x')).status).toBe(200);
  });

  it('sees the variables that it names, and no bindings', async () => {
    const { port } = await edgeSite({ envVarsInUse: ['PATH'], environment: { OWN: '1' } });
    const { env, runtime, node } = JSON.parse((await ask(port, '/env')).text);
    expect(env).toEqual({ PATH: process.env.PATH, OWN: '1' });
    expect(runtime).toBe('string');
    expect(node).toBe('undefined');
  });
});

describe('node middleware', () => {
  it('speaks the same way', async () => {
    const { port } = await site(
      { runtime: 'nodejs22.x', handler: 'index.mjs', launcherType: 'Nodejs' },
      NODE,
      'index.mjs',
    );
    const answer = await ask(port, '/x');
    expect(answer.headers['x-added']).toBe('by node /x');
    expect(JSON.parse(answer.text).url).toBe('/x');
  });
});
