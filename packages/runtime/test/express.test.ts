import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlainRequest } from '../src/express/plain-request.ts';
import { type Site, start } from './support/deployment.ts';
import { ECHO } from './support/echo.ts';
import { nodeFunction, TO_INDEX } from './support/functions.ts';
import { exchangeBytes } from './support/http.ts';

const HOST = 'host: localhost\r\n';

/** What Node's own parser makes of a request; null when it refuses it. */
interface Understood {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
}

const node = createServer((request, response) => {
  const { method, url: target, rawHeaders, headers } = request;
  response.setHeader('connection', 'close');
  response.end(JSON.stringify({ method, target, rawHeaders, headers }));
});
beforeAll(async () => {
  node.listen(0, '127.0.0.1');
  await once(node, 'listening');
});
afterAll(() => void node.close());

async function byNode(bytes: Buffer): Promise<Understood | null> {
  const socket = connect((node.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.end(bytes);
  await once(socket, 'close');
  if (!text.startsWith('HTTP/1.1 200')) return null;
  const body = Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1').toString('utf8');
  return JSON.parse(body.replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, '')) as Understood;
}

/** A generator of numbers from 0 to 1 that gives the same ones for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const PIECES = [
  ...['\r\n', '\n', '\r', ' ', '\t', ':', ',', '\0', '\x7f', '\x80', '\xa0', '\xff', '%', '#', '?', '\\'],
  ...[
    'GET',
    'HEAD',
    'POST',
    'HTTP/1.0',
    'HTTP/1.1',
    'host: b\r\n',
    'a: 1\r\n',
    'A: 2\r\n',
    'connection: close\r\n',
  ],
  ...[
    'content-length: 0\r\n',
    'transfer-encoding: chunked\r\n',
    'Transfer-Encoding : chunked\r\n',
    'upgrade: h2c\r\n',
  ],
  ...['__proto__: x\r\n', 'cookie: a=b\r\n', 'x: \xa0y\xa0 \t\r\n', ' folded\r\n', '/', 'http://b/'],
];

/** A plain request with a few pieces put in, taken out or put in place of others. */
function mutated(next: () => number): Buffer {
  const at = (length: number) => Math.floor(next() * length);
  let text = `GET /a/b?c=d HTTP/1.1\r\n${HOST}accept: */*\r\nuser-agent: test\r\n\r\n`;
  for (let count = at(3); count >= 0; count--) {
    const from = next() < 0.5 ? text.indexOf('\r\n', at(text.length - 6)) + 2 : at(text.length);
    text = text.slice(0, from) + (PIECES[at(PIECES.length)] ?? '') + text.slice(from + at(3) * at(2));
  }
  return Buffer.from(text, 'latin1');
}

describe('a request that is read without Node', () => {
  it('means what it means to Node, whatever it holds', async () => {
    const next = numbers(7);
    let plain = 0;
    for (let count = 0; count < 4000; count++) {
      const bytes = mutated(next);
      const read = readPlainRequest(bytes);
      if (!read) continue;
      plain++;
      const { method, target, rawHeaders, headers } = read;
      const understood = await byNode(bytes);
      expect(
        { method, target, rawHeaders, headers: { ...headers } },
        JSON.stringify(bytes.toString('latin1')),
      ).toEqual(understood);
    }
    expect(plain).toBeGreaterThan(300);
  });

  it.each([
    ['has a body by length', `GET / HTTP/1.1\r\n${HOST}content-length: 3\r\n\r\n`],
    ['has a body in chunks', `GET / HTTP/1.1\r\n${HOST}transfer-encoding: chunked\r\n\r\n`],
    ['names a header with a space behind it', `GET / HTTP/1.1\r\n${HOST}transfer-encoding : chunked\r\n\r\n`],
    ['continues a line', `GET / HTTP/1.1\r\n${HOST}a: b\r\n c\r\n\r\n`],
    ['ends lines with a bare line feed', 'GET / HTTP/1.1\nhost: localhost\n\n\r\n\r\n'],
    ['has a bare carriage return', `GET / HTTP/1.1\r\n${HOST}a: b\rc\r\n\r\n`],
    ['has a control character', `GET / HTTP/1.1\r\n${HOST}a: b\0c\r\n\r\n`],
    ['has two hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`],
    ['has no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['repeats a header', `GET / HTTP/1.1\r\n${HOST}a: 1\r\nA: 2\r\n\r\n`],
    ['wants another protocol', `GET / HTTP/1.1\r\n${HOST}connection: upgrade\r\nupgrade: websocket\r\n\r\n`],
    ['wants the connection closed', `GET / HTTP/1.1\r\n${HOST}connection: close\r\n\r\n`],
    ['waits for 100', `GET / HTTP/1.1\r\n${HOST}expect: 100-continue\r\n\r\n`],
    ['is of an older version', `GET / HTTP/1.0\r\n${HOST}\r\n`],
    ['has an absolute target', `GET http://localhost/ HTTP/1.1\r\n${HOST}\r\n`],
    ['has a space in its target', `GET /a b HTTP/1.1\r\n${HOST}\r\n`],
    ['has another method', `POST / HTTP/1.1\r\n${HOST}\r\n`],
    ['is followed by another', `GET / HTTP/1.1\r\n${HOST}\r\nGET / HTTP/1.1\r\n${HOST}\r\n`],
    ['is not complete', `GET / HTTP/1.1\r\n${HOST}`],
    ['is larger than 16 kB', `GET / HTTP/1.1\r\n${HOST}a: ${'b'.repeat(17_000)}\r\n\r\n`],
  ])('is none that %s', (_, text) => {
    expect(readPlainRequest(Buffer.from(text, 'latin1'))).toBeNull();
  });
});

describe('a connection', () => {
  let site: Site;
  beforeAll(async () => {
    site = await start({
      ...nodeFunction(ECHO),
      'config.json': { version: 3, routes: TO_INDEX },
      'static/page.txt': 'page',
    });
  });

  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\n${HOST}${more}\r\n`;
  const last = (path: string) => get(path, 'connection: close\r\n');

  /** Sends pieces, each when so many answers have come, and gives all that came. */
  async function talk(pieces: readonly (readonly [afterAnswers: number, text: string])[]): Promise<string> {
    const socket = connect(site.port, '127.0.0.1').setNoDelay(true);
    let text = '';
    const waiting = [...pieces];
    const go = () => {
      const answers = text.split('HTTP/1.1 2').length - 1;
      while (waiting[0] && waiting[0][0] <= answers) socket.write(waiting.shift()?.[1] ?? '');
    };
    socket.on('connect', go).on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      go();
    });
    await once(socket, 'close');
    return text;
  }

  const targetsIn = (text: string) => [...text.matchAll(/"url":"([^"]*)"/g)].map(([, target]) => target);

  it('may change between plain requests and others, and gets its answers in order', async () => {
    const post = `POST /three HTTP/1.1\r\n${HOST}content-length: 4\r\n\r\nbody`;
    const text = await talk([
      [0, get('/one')],
      [1, get('/two')],
      [2, post],
      [3, last('/four')],
    ]);
    expect(targetsIn(text)).toEqual(['/one', '/two', '/three', '/four']);
    expect(text).toContain('body');
  });

  it('may send requests before their answers: in one piece, and while one is answered', async () => {
    expect(targetsIn(await exchangeBytes(site.port, get('/one') + get('/two') + last('/three')))).toEqual([
      '/one',
      '/two',
      '/three',
    ]);
    const socket = connect(site.port, '127.0.0.1').setNoDelay(true);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.write(get('/first'), () => socket.write(get('/second'), () => socket.write(last('/third'))));
    await once(socket, 'close');
    expect(targetsIn(text)).toEqual(['/first', '/second', '/third']);
  });

  it('may send a request in two pieces, and close its side behind one', async () => {
    const head = last('/pieces');
    const text = await talk([
      [0, get('/one')],
      [1, head.slice(0, 9)],
      [1, head.slice(9)],
    ]);
    expect(targetsIn(text)).toEqual(['/one', '/pieces']);
    const socket = connect(site.port, '127.0.0.1');
    let closed = '';
    socket.on('data', (chunk: Buffer) => (closed += chunk.toString('latin1')));
    socket.end(get('/half'));
    await once(socket, 'close');
    expect(targetsIn(closed)).toEqual(['/half']);
  });

  it('gets of files and of functions what HEAD and conditions ask for', async () => {
    const whole = await talk([
      [0, get('/page.txt')],
      [1, last('/page.txt')],
    ]);
    const [, etag = ''] = /\r\netag: ("[^"]*")/i.exec(whole) ?? [];
    expect(whole.match(/\r\n\r\npage/g)).toHaveLength(2);
    for (const expected of [/\r\ndate: /i, /\r\nconnection: keep-alive/i, /\r\nkeep-alive: timeout=65/i])
      expect(whole).toMatch(expected);
    const text = await exchangeBytes(
      site.port,
      `HEAD /page.txt HTTP/1.1\r\n${HOST}\r\n${get('/page.txt', `if-none-match: ${etag}\r\n`)}${last('/page.txt')}`,
    );
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 304', 'HTTP/1.1 200']);
    expect(text.match(/\r\n\r\npage/g)).toHaveLength(1);
  });

  it('is closed when the deployment stops, once its answer is complete', async () => {
    const own = await start({ ...nodeFunction(ECHO), 'config.json': { version: 3, routes: TO_INDEX } });
    const socket = connect(own.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.write(get('/idle'));
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await own.deployment.stop();
    await closed;
    expect(targetsIn(text)).toEqual(['/idle']);
  });
});
