import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ShortExchange } from '../src/server/short-exchange.ts';
import { type Site, start } from './support/deployment.ts';
import { nodeFunction, TO_INDEX } from './support/functions.ts';

/** Answers of all kinds, by path. */
const CODE = `
const later = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const kinds = {
  whole: (q, r) => r.end('whole ' + q.headers['x-forwarded-host']),
  headers: (q, r) => { r.writeHead(201, 'Made It', [['Set-Cookie', 'a=1'], ['set-cookie', 'b=2'], ['X-Mixed', 'Case']].flat()); r.end('x'); },
  empty: (q, r) => { r.writeHead(204); r.end(); },
  unchanged: (q, r) => { r.writeHead(304, { etag: '"a"' }); r.end(); },
  nothing: (q, r) => r.end(),
  length: (q, r) => { r.setHeader('content-length', 6); r.end('length'); },
  dated: (q, r) => { r.setHeader('date', 'Thu, 01 Jan 1970 00:00:00 GMT'); r.end('dated'); },
  chunks: (q, r) => { r.write('one '); r.write('two '); r.end('three'); },
  stream: async (q, r) => { r.write('first '); await later(30); r.end('last'); },
  slow: async (q, r) => { await later(150); r.end('slow'); },
  large: (q, r) => r.end(Buffer.alloc(600_000, 'large ')),
  close: (q, r) => { r.setHeader('connection', 'close'); r.end('closed'); },
  trailers: (q, r) => { r.writeHead(200, { trailer: 'x-sum' }); r.write('body'); r.addTrailers({ 'x-sum': '4' }); r.end(); },
  announced: (q, r) => { r.writeHead(200, { trailer: 'x-sum' }); r.end('body'); },
  hints: (q, r) => { r.writeEarlyHints({ link: '</a.css>; rel=preload' }); r.end('hinted'); },
  unasked: (q, r) => { r.socket.end('HTTP/1.1 101 Switching\\r\\nupgrade: x\\r\\nconnection: upgrade\\r\\n\\r\\n'); },
  old: (q, r) => { r.socket.end('HTTP/1.0 200 OK\\r\\ncontent-type: text/plain\\r\\n\\r\\nuntil the end'); },
  nonsense: (q, r) => { r.socket.end('nonsense\\r\\n\\r\\n'); },
  broken: (q, r) => { r.socket.end('HTTP/1.1 200 OK\\r\\ncontent-length: 100\\r\\n\\r\\nnot all'); },
  damaged: (q, r) => { r.socket.end('HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\nx-a: a\\rb\\r\\n\\r\\nok'); },
  never: (q, r) => r.socket.destroy(),
};
export default (request, response) => kinds[request.url.slice(1).split('?')[0]](request, response);
`;

let site: Site;
beforeAll(async () => {
  site = await start({
    ...nodeFunction(CODE, { maxDuration: 2 }),
    'config.json': {
      version: 3,
      routes: [
        { src: '/chunks', headers: { 'x-table': 'yes' }, continue: true },
        { src: '/page.txt', headers: { 'cache-control': 'no-store' }, continue: true },
        ...TO_INDEX,
      ],
    },
    'static/page.txt': 'a page',
    'static/app.js': 'app()',
    'static/app.js.gz': 'zipped',
    'static/large.bin': Buffer.alloc(400_000, 'l'),
  });
  // Both ways begin with a function that is up and files that are known.
  for (const path of ['/whole', '/page.txt', '/app.js', '/large.bin']) await got(path, 'GET', {}, 'long');
});
afterEach(() => void vi.restoreAllMocks());

/** A connection that was left to Node once stays with it. */
const kept = { short: new Agent({ keepAlive: true }), long: new Agent({ keepAlive: true }) };
afterAll(() => {
  kept.short.destroy();
  kept.long.destroy();
});

interface Got {
  readonly status: number;
  readonly message: string;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: unknown;
  readonly body: string;
  readonly hints: readonly string[];
  readonly isComplete: boolean;
}

/** What a client gets; on the long way it sends a header twice, which makes its request one for Node's parser. */
function got(
  path: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  way: 'short' | 'long',
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const hints: string[] = [];
    const twice = way === 'long' ? { 'x-twice': ['1', '2'] } : {};
    const outgoing = request({
      host: '127.0.0.1',
      port: site.port,
      path,
      method,
      agent: kept[way],
      headers: { host: 'localhost', ...headers, ...twice },
    });
    outgoing.on('information', ({ statusCode, headers: own }) => hints.push(`${statusCode} ${own.link}`));
    outgoing.once('error', reject);
    outgoing.once('response', incoming => {
      let body = '';
      const { statusCode: status = 0, statusMessage: message = '' } = incoming;
      incoming.setEncoding('latin1').on('data', chunk => {
        body += chunk;
      });
      incoming.on('error', () => undefined);
      incoming.once('close', () => {
        const { 'x-vercel-id': id, date, ...rest } = incoming.headers;
        expect(id).toMatch(/^svc1::/);
        expect(date).toBeDefined();
        if (path === '/dated') Object.assign(rest, { date });
        resolve({
          status,
          message,
          headers: rest,
          trailers: incoming.trailers,
          // The page for errors has the id.
          body: status >= 500 ? body.replace(/id: .*/, 'id: x') : body,
          hints,
          isComplete: incoming.complete,
        });
      });
    });
    outgoing.end();
  });
}

const KINDS = [...CODE.matchAll(/^ {2}(\w+): /gm)].map(([, kind]) => `/${kind}`);
const CASES: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ...KINDS.map(path => ['GET', path, {}] as const),
  ...['/whole', '/empty', '/chunks', '/large', '/trailers', '/length'].map(
    path => ['HEAD', path, {}] as const,
  ),
  ...['/page.txt', '/app.js', '/large.bin', '/page.txt?a=b'].map(path => ['GET', path, {}] as const),
  ['HEAD', '/page.txt', {}],
  ['GET', '/page.txt', { range: 'bytes=2-3' }],
  ['GET', '/page.txt', { range: 'bytes=90-' }],
  ['GET', '/large.bin', { range: 'bytes=10-20' }],
  ['GET', '/page.txt', { 'if-none-match': '*' }],
  ['GET', '/page.txt', { 'if-match': '"other"' }],
  ['GET', '/app.js', { 'accept-encoding': 'gzip' }],
];

describe('the short way and the long way', () => {
  it.each(CASES)('give the same answer to %s %s %o', async (method, path, headers) => {
    const began = vi.spyOn(ShortExchange.prototype, 'start');
    const long = await got(path, method, headers, 'long');
    expect(began).not.toHaveBeenCalled();
    const short = await got(path, method, headers, 'short');
    expect(short).toEqual(long);
    expect(began).toHaveBeenCalledTimes(KINDS.includes(path) ? 1 : 0);
  });

  it('tell the log and the meter the same', async () => {
    for (const path of ['/whole', '/stream', '/never', '/page.txt', '/large.bin', '/empty']) {
      const records = [];
      for (const way of ['long', 'short'] as const) {
        const before = site.events.length;
        await got(path, 'GET', {}, way);
        const fits = () => site.events.slice(before).find(({ type }) => type === 'request');
        await site.next(() => fits() !== undefined);
        const event = fits();
        if (event?.type !== 'request') throw new Error('no record');
        const { id, time, duration, ...record } = event.record;
        expect(duration).toBeGreaterThan(0);
        records.push(record);
      }
      expect(records[1]).toEqual(records[0]);
    }
  });
});

describe('a request on the short way', () => {
  it('that takes longer than its function may gets a 504', async () => {
    const slow = await start(
      nodeFunction(
        `export default (request, response) => request.url === '/up' ? response.end() : undefined;`,
        { maxDuration: 1 },
      ),
    );
    const up = await fetch(`${slow.url}/up`);
    await up.text();
    const late = await fetch(`${slow.url}/late`);
    expect([up.status, late.status]).toEqual([200, 504]);
  });

  it('whose client leaves is taken back from the function, and told as such', async () => {
    const waiting = await start(
      nodeFunction(`
        let left = 0;
        export default (request, response) => {
          if (request.url === '/left') response.end(String(left));
          else response.on('close', () => left++);
        };`),
    );
    const leftSoFar = async () => (await fetch(`${waiting.url}/left`)).text();
    expect(await leftSoFar()).toBe('0');
    const socket = connect(waiting.port, '127.0.0.1');
    const arrived = vi.spyOn(ShortExchange.prototype, 'start');
    socket.write('GET /wait HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await expect.poll(() => arrived.mock.calls.length).toBe(1);
    socket.resetAndDestroy();
    const told = await waiting.next(event => event.type === 'request' && event.record.target === '/wait');
    expect(told).toMatchObject({ record: { status: 499, aborted: true, invoked: true } });
    await expect.poll(leftSoFar).toBe('1');
  });

  it('is waited for when the deployment stops', async () => {
    const stopping = await start(
      nodeFunction(`
        export default (request, response) => request.url === '/up' ? response.end() : setTimeout(() => response.end('at last'), 300);`),
    );
    await (await fetch(`${stopping.url}/up`)).text();
    const socket = connect(stopping.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    const arrived = vi.spyOn(ShortExchange.prototype, 'start');
    socket.write('GET /wait HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await expect.poll(() => arrived.mock.calls.length).toBe(1);
    const closed = once(socket, 'close');
    await stopping.deployment.stop();
    await closed;
    expect(text).toContain('at last');
    expect(text).toMatch(/connection: close/i);
  });
});
