import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { folderOf, isProblem, start, tryStart } from './support/deployment.ts';
import { binding, services, toService } from './support/functions.ts';
import { ask } from './support/http.ts';

/** Answers with what it saw; `/call?env=NAME&path=…` calls over a binding; `/env?name=…` tells a variable. */
const code = (name: string) => `
export default async (req, res) => {
  const url = new URL(req.url, 'http://x');
  res.setHeader('x-service', '${name}');
  if (url.pathname.endsWith('/env')) return res.end(JSON.stringify(process.env[url.searchParams.get('name')] ?? null));
  if (url.pathname.endsWith('/call')) {
    const headers = { 'x-vercel-id': req.headers['x-vercel-id'], traceparent: '00-1-2-01', 'x-forwarded-for': req.headers['x-forwarded-for'] };
    const answer = await fetch(new URL(url.searchParams.get('path') ?? '', process.env[url.searchParams.get('env')]), { headers, redirect: 'manual' });
    return res.end(JSON.stringify({ status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }));
  }
  res.end(JSON.stringify({ service: '${name}', url: req.url, headers: req.headers }));
};`;

const FILES = {
  ...services([toService('^/api(?:/(.*))$', 'orders')], {
    orders: {
      code: code('orders'),
      bindings: [
        binding('stock', 'STOCK_URL'),
        binding('stock', 'STOCK_TOO'),
        binding('files', 'FILES_URL'),
        binding('orders', 'SELF_URL'),
      ],
    },
    stock: { code: code('stock'), bindings: [binding('orders', 'ORDERS_URL')] },
  }),
};
const withFiles = () => {
  const config = FILES['config.json'] as { services: object[] };
  return {
    ...FILES,
    'config.json': { ...config, services: [...config.services, { name: 'files', root: 'files' }] },
    'services/files/config.json': { version: 3, routes: [{ handle: 'filesystem' }] },
    'services/files/static/terms.html': 'the terms',
  };
};

async function callThrough(port: number, env: string, path: string) {
  const answer = await ask(port, `/api/call?env=${env}&path=${encodeURIComponent(path)}`);
  const called = JSON.parse(answer.text) as { status: number; headers: Record<string, string>; text: string };
  return { called, id: answer.headers['x-vercel-id'] };
}

describe('a binding', () => {
  it('is an absolute URL that ends in a slash, one for each target', async () => {
    const site = await start(withFiles());
    const url = async (name: string) => JSON.parse((await ask(site.port, `/api/env?name=${name}`)).text);
    expect(await url('STOCK_URL')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await url('STOCK_TOO')).toBe(await url('STOCK_URL'));
    expect(await url('FILES_URL')).not.toBe(await url('STOCK_URL'));
    expect(await url('ORDERS_URL')).toBeNull();
  });

  it('leads into a service that no public rule leads to: code and files alike', async () => {
    const site = await start(withFiles());
    const { called, id } = await callThrough(site.port, 'STOCK_URL', 'items/1?x=1&y=%20');
    const seen = JSON.parse(called.text);
    expect(seen).toMatchObject({ service: 'stock', url: '/items/1?x=1&y=%20' });
    // What belongs to one visit can be followed through the services.
    expect(seen.headers).toMatchObject({
      'x-vercel-id': id,
      traceparent: '00-1-2-01',
      'x-forwarded-for': '127.0.0.1',
    });
    expect(called.headers['x-vercel-id']).toBe(id);
    expect((await callThrough(site.port, 'FILES_URL', 'terms.html')).called).toMatchObject({
      status: 200,
      text: 'the terms',
    });
    expect((await callThrough(site.port, 'FILES_URL', 'none')).called.status).toBe(404);
  });

  it('may lead back: to the caller itself, and in a circle', async () => {
    const site = await start(withFiles());
    const self = await callThrough(site.port, 'SELF_URL', 'x');
    expect(JSON.parse(self.called.text)).toMatchObject({ service: 'orders', url: '/x' });
    const circle = await callThrough(site.port, 'STOCK_URL', 'call?env=ORDERS_URL&path=back');
    expect(JSON.parse(JSON.parse(circle.called.text).text)).toMatchObject({
      service: 'orders',
      url: '/back',
    });
  });

  it('is counted as a service request of the caller, a public request as none', async () => {
    const site = await start(withFiles());
    await callThrough(site.port, 'STOCK_URL', 'a');
    await callThrough(site.port, 'STOCK_URL', 'b');
    await ask(site.port, '/api/x');
    await site.deployment.stop();
    const usage = Object.fromEntries(site.deployment.usage().map(row => [row.service, row]));
    expect(usage.orders).toMatchObject({ requests: 3, invocations: 3, calls: { stock: 2 } });
    expect(usage.stock).toMatchObject({ requests: 2, invocations: 2, calls: {} });
    expect(usage.orders?.bytes).toBeGreaterThan(0);
    expect(usage.orders?.wallTime).toBeGreaterThan(0);
  });

  it('wins over a variable of the same name, with a warning', async () => {
    const site = await start(withFiles(), {
      env: { PATH: process.env.PATH, STOCK_URL: 'http://elsewhere' },
      declaredEnv: { FILES_URL: 'x' },
    });
    expect(JSON.parse((await ask(site.port, '/api/env?name=STOCK_URL')).text)).toMatch(/^http:\/\/127/);
    const told = JSON.stringify(site.events.filter(isProblem));
    expect(told).toContain("STOCK_URL is set in svc's environment and by a binding of orders");
    expect(told).toContain('FILES_URL is set in an env file');
    // Another service's variable of that name is its own business.
    expect(told).not.toContain('of stock');
  });

  it('to a service that is not there is refused before anything starts', async () => {
    const files = services([], { api: { code: '', bindings: [binding('gone', 'GONE_URL')] } });
    const started = await tryStart(await folderOf(files));
    expect(started).toMatchObject({
      failures: [
        { code: 'deployment-invalid', service: 'api', message: expect.stringContaining('GONE_URL') },
      ],
    });
  });

  it('is read from deployment.json where svc has written one', async () => {
    const site = await start({
      ...withFiles(),
      'deployment.json': {
        version: 1,
        id: 'dpl_1',
        services: [{ name: 'orders', bindings: [binding('files', 'ONLY_FILES')] }],
      },
    });
    expect(JSON.parse((await ask(site.port, '/api/env?name=ONLY_FILES')).text)).toMatch(/^http/);
    expect(JSON.parse((await ask(site.port, '/api/env?name=STOCK_URL')).text)).toBeNull();
    expect(site.deployment.id).toBe('dpl_1');
  });
});

describe('a service without a public rule', () => {
  it('is unreachable from outside by any path, host or header', async () => {
    const site = await start(withFiles());
    const stock = JSON.parse((await ask(site.port, '/api/env?name=STOCK_URL')).text) as string;
    const hosts = ['stock', 'localhost', new URL(stock).host, '127.0.0.1', 'stock.localhost', '[::1]:3000'];
    const paths = [
      '/',
      '/items',
      '/stock',
      '/services/stock',
      '/_svc/stock/items',
      '/services/stock/functions/index',
      '/api/../stock',
      '/%2e%2e/stock',
      '//stock/items',
      '/api%2f..%2fstock',
      '/index',
      '/functions/index.func/index.mjs',
      '/?service=stock',
    ];
    const forged = [
      {},
      { 'x-vercel-internal-service': 'stock' },
      { 'x-service': 'stock' },
      { 'x-matched-path': '/index' },
      { 'x-vercel-id': 'svc1::x' },
      { 'x-forwarded-host': new URL(stock).host },
      { 'x-middleware-rewrite': '/items' },
      { 'x-original-url': '/items', 'x-rewrite-url': '/items' },
    ];
    let count = 0;
    for (let n = 0; n < 400; n++) {
      const digest = createHash('sha1').update(String(n)).digest();
      const pick = <T>(list: readonly T[], at: number): T => list[digest.readUInt16BE(at) % list.length] as T;
      const answer = await ask(site.port, `${pick(paths, 0)}${n % 3 ? '' : `?n=${n}`}`, {
        method: pick(['GET', 'POST', 'HEAD', 'OPTIONS'], 2),
        headers: { host: pick(hosts, 4), ...pick(forged, 6) },
      });
      expect(answer.headers['x-service']).not.toBe('stock');
      expect(answer.text).not.toContain('"service":"stock"');
      count++;
    }
    expect(count).toBe(400);
    expect(site.deployment.usage().find(({ service }) => service === 'stock')?.requests).toBe(0);
  });
});

describe('two deployments side by side', () => {
  it('reach each only their own services', async () => {
    const [one, two] = await Promise.all([start(withFiles()), start(withFiles())]);
    await callThrough(one.port, 'STOCK_URL', 'x');
    const requestsOf = (site: typeof one) =>
      site.deployment.usage().find(({ service }) => service === 'stock')?.requests;
    expect(requestsOf(two)).toBe(0);
    await callThrough(two.port, 'STOCK_URL', 'x');
    await Promise.all([one.deployment.stop(), two.deployment.stop()]);
    expect([requestsOf(one), requestsOf(two)]).toEqual([1, 1]);
  });
});
