import { describe, expect, it } from 'vitest';
import { InstanceMeter } from '../src/metering/instance-meter.ts';
import { prometheusText } from '../src/metering/prometheus.ts';
import { isProblem, start } from './support/deployment.ts';
import { binding, nodeFunction, services, toService } from './support/functions.ts';
import { ask } from './support/http.ts';

const onLinux = process.platform === 'linux';

describe('usage', () => {
  it.skipIf(!onLinux)('has the processor time of everything that a function starts', async () => {
    const code = `
      import { execFileSync } from 'node:child_process';
      export default (req, res) => {
        // Until it has used that much, however slow the machine is.
        const script = 'const used = () => process.cpuUsage().user + process.cpuUsage().system; while (used() < 400_000);';
        execFileSync(process.execPath, ['-e', script]);
        res.end();
      };`;
    const { port, deployment } = await start(nodeFunction(code));
    await ask(port, '/');
    const [usage] = deployment.usage();
    expect(usage?.activeCpu).toBeGreaterThanOrEqual(390);
    expect(usage).toMatchObject({ requests: 1, invocations: 1, requestsByStatus: { 2: 1 } });
    expect(usage?.provisionedMemory).toBeGreaterThan(0);
  });

  it('counts calls by caller and target, for the page of Prometheus as well', async () => {
    const caller = `export default async (req, res) => {
      await fetch(process.env.STOCK_URL); await fetch(process.env.STOCK_URL); res.end('done'); };`;
    const { deployment, port } = await start(
      services([toService('^/(.*)$', 'orders')], {
        orders: { code: caller, bindings: [binding('stock', 'STOCK_URL')] },
        stock: { code: 'export default (req, res) => { res.statusCode = 404; res.end("12345"); };' },
      }),
      { adminPort: 0 },
    );
    await ask(port, '/');
    const text = await (await fetch(String(deployment.metricsUrl))).text();
    expect(text).toContain('svc_requests_total{service="orders",status="2xx"} 1\n');
    expect(text).toContain('svc_requests_total{service="stock",status="4xx"} 2\n');
    expect(text).toContain('svc_service_requests_total{caller="orders",service="stock"} 2\n');
    expect(text).toContain('svc_response_bytes_total{service="stock"} 10\n');
    expect(text).toContain('svc_instances{service="orders"} 1\n');
    // Every line is a comment or a sample.
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{(?:\w+="[^"]*",?)*\})? [\d.e+-]+)$/);
    }
    const elsewhere = await fetch(new URL('/', String(deployment.metricsUrl)));
    expect(elsewhere.status).toBe(404);
  });

  it('names with quotes stay one label', () => {
    const row = {
      service: 'a"b\\c\n',
      requests: 1,
      requestsByStatus: { 2: 1 },
      invocations: 0,
      wallTime: 0,
      activeCpu: null,
      provisionedMemory: 0,
      bytes: 0,
      calls: {},
    };
    expect(prometheusText([row], new Map())).toContain('{service="a\\"b\\\\c\\n",status="2xx"} 1');
  });
});

describe('an instance', () => {
  it('is provided with memory once for all requests that it has at the same time', () => {
    let memory = 0;
    let cpu = 0;
    const looks = [100, 250, 200, 300];
    const meter = new InstanceMeter({
      pid: 1,
      provisioned: 1,
      limit: null,
      sums: {
        addCpu: more => {
          cpu += more;
        },
        addMemory: more => {
          memory += more;
        },
      },
      onExceeded: () => undefined,
      look: () => ({ cpu: looks.shift() ?? 300, memory: 0 }),
    });
    const began = performance.now();
    for (let count = 0; count < 10; count++) meter.begin();
    for (let count = 0; count < 10; count++) meter.finish();
    meter.sample();
    meter.sample();
    meter.close();
    expect(memory).toBeLessThanOrEqual(performance.now() - began);
    // What a process has used never becomes less.
    expect(cpu).toBe(300);
  });

  it.skipIf(!onLinux)('that uses more than its memory is ended, and the cause is told', async () => {
    const code = `
      const kept = [];
      export default (req, res) => {
        if (req.url !== '/grow') return res.end('small');
        // Outside of the heap, which has a limit of its own.
        for (let count = 0; count < 300; count++) kept.push(Buffer.alloc(1024 * 1024, 1));
      };`;
    const site = await start(nodeFunction(code, { memory: 256 }));
    expect((await ask(site.port, '/')).text).toBe('small');
    expect((await ask(site.port, '/grow')).status).toBe(502);
    const told = site.events.filter(isProblem).map(event => (event.type === 'problem' ? event.message : ''));
    expect(told.join('\n')).toMatch(/it used \d+ MB, more than its memory of 256 MB/);
    expect((await ask(site.port, '/')).text).toBe('small');
  });
});

describe('maxConcurrency', () => {
  const HOLDING = `
    const held = [];
    let most = 0;
    export default (req, res) => {
      if (req.url === '/hold') { held.push(res); most = Math.max(most, held.length); res.write(process.pid + '\\n'); return; }
      res.end(JSON.stringify({ pid: process.pid, most }));
    };`;

  it('starts more processes rather than give one more requests than that', async () => {
    const { port } = await start(nodeFunction(HOLDING, { maxConcurrency: 2 }), { drainTimeout: 0 });
    const held = Array.from({ length: 4 }, () => fetch(`http://127.0.0.1:${port}/hold`));
    const pids = await Promise.all(
      held.map(async answer => {
        const reader = (await answer).body?.getReader();
        return Buffer.from((await reader?.read())?.value ?? []).toString();
      }),
    );
    const counts = [...new Set(pids)].map(pid => pids.filter(other => other === pid).length);
    expect(counts).toEqual([2, 2]);
  });

  it('lets requests wait for their turn when there are as many processes as there may be', async () => {
    const code = 'export default (req, res) => { setTimeout(() => res.end("done"), 1); };';
    const { port } = await start(nodeFunction(code, { maxConcurrency: 1 }));
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(port, '/')));
    expect(answers.every(({ text }) => text === 'done')).toBe(true);
  });
});
