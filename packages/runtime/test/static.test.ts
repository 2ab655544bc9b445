import { brotliCompressSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Site, start } from './support/deployment.ts';
import { ask } from './support/http.ts';

const LARGE = Buffer.alloc(700_000, 'svc runs it. ');
const SCRIPT = `console.log(${JSON.stringify('x'.repeat(500))})`;
let site: Site;

beforeAll(async () => {
  site = await start({
    'config.json': {
      version: 3,
      routes: [{ handle: 'filesystem' }],
      overrides: {
        'feed.bin': { contentType: 'application/atom+xml' },
        'about.html': { path: 'about' },
      },
    },
    'static/index.html': '<h1>home</h1>',
    'static/about.html': '<h1>about</h1>',
    'static/404.html': '<h1>not here</h1>',
    'static/feed.bin': '<feed/>',
    'static/style.css': 'a{}',
    'static/data.unknownending': 'bytes',
    'static/empty.txt': '',
    'static/a b.txt': 'with a space',
    'static/large.txt': LARGE,
    'static/app.js': SCRIPT,
    'static/app.js.br': brotliCompressSync(SCRIPT),
    'static/app.js.gz': gzipSync(SCRIPT),
  });
});

describe('a file', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<h1>home</h1>'],
    ['/style.css', 'text/css; charset=utf-8', 'a{}'],
    ['/data.unknownending', 'application/octet-stream', 'bytes'],
    ['/feed.bin', 'application/atom+xml', '<feed/>'],
    ['/about', 'text/html; charset=utf-8', '<h1>about</h1>'],
    ['/a%20b.txt', 'text/plain; charset=utf-8', 'with a space'],
    ['/empty.txt', 'text/plain; charset=utf-8', ''],
  ])('is served at %s as %s', async (path, type, body) => {
    const answer = await ask(site.port, path);
    expect(answer).toMatchObject({ status: 200, text: body });
    expect(answer.headers).toMatchObject({
      'content-type': type,
      'content-length': String(body.length),
      'cache-control': 'public, max-age=0, must-revalidate',
      'accept-ranges': 'bytes',
    });
    expect(answer.headers.etag).toMatch(/^"[\w-]+"$/);
  });

  it('has the same head for HEAD, and no body', async () => {
    const get = await ask(site.port, '/large.txt');
    const head = await ask(site.port, '/large.txt', { method: 'HEAD' });
    expect(head.body.length).toBe(0);
    for (const name of ['content-type', 'content-length', 'etag', 'cache-control'])
      expect(head.headers[name]).toBe(get.headers[name]);
    expect(get.body.equals(LARGE)).toBe(true);
  });

  it('is not there under the name on disk when an override gives it another path', async () => {
    expect((await ask(site.port, '/about.html')).status).toBe(404);
  });

  it('can only be read', async () => {
    const answer = await ask(site.port, '/style.css', { method: 'POST', body: 'x' });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  it('that is missing gives the page 404.html', async () => {
    const answer = await ask(site.port, '/missing', { headers: { range: 'bytes=0-2' } });
    expect(answer).toMatchObject({ status: 404, text: '<h1>not here</h1>' });
    expect((await ask(site.port, '/missing', { method: 'HEAD' })).status).toBe(404);
  });
});

describe('a condition', () => {
  it('that holds for what the client has gives 304 without a body', async () => {
    const { headers } = await ask(site.port, '/style.css');
    for (const tag of [headers.etag, `W/${headers.etag}`, `"other", ${headers.etag}`, '*']) {
      const answer = await ask(site.port, '/style.css', { headers: { 'if-none-match': tag } });
      expect(answer).toMatchObject({ status: 304, text: '' });
      expect(answer.headers.etag).toBe(headers.etag);
    }
  });

  it('for another content gives all of it', async () => {
    const { headers } = await ask(site.port, '/about');
    const answer = await ask(site.port, '/style.css', { headers: { 'if-none-match': headers.etag } });
    expect(answer.status).toBe(200);
  });

  it('If-Match fails for another content', async () => {
    const refused = await ask(site.port, '/style.css', { headers: { 'if-match': '"other"' } });
    expect(refused.status).toBe(412);
    const { etag = '' } = refused.headers;
    expect((await ask(site.port, '/style.css', { headers: { 'if-match': etag } })).status).toBe(200);
  });
});

describe('a range', () => {
  it.each([
    ['bytes=0-9', 0, 9],
    ['bytes=10-', 10, LARGE.length - 1],
    ['bytes=-7', LARGE.length - 7, LARGE.length - 1],
    ['bytes=699999-800000', 699_999, LARGE.length - 1],
    [' bytes=5-5'.trim(), 5, 5],
  ])('%s gives just that part', async (range, first, last) => {
    const answer = await ask(site.port, '/large.txt', { headers: { range } });
    expect(answer.status).toBe(206);
    expect(answer.headers['content-range']).toBe(`bytes ${first}-${last}/${LARGE.length}`);
    expect(answer.body.equals(LARGE.subarray(first, last + 1))).toBe(true);
  });

  it('works for small files as for large ones', async () => {
    const answer = await ask(site.port, '/style.css', { headers: { range: 'bytes=1-2' } });
    expect(answer).toMatchObject({ status: 206, text: '{}' });
  });

  it.each(['bytes=800000-', 'bytes=-0'])('%s is past the end: 416', async range => {
    const answer = await ask(site.port, '/large.txt', { headers: { range } });
    expect(answer.status).toBe(416);
    expect(answer.headers['content-range']).toBe(`bytes */${LARGE.length}`);
  });

  it.each(['bytes=5-2', 'lines=0-5', 'bytes=0-1,5-6', 'bytes=x'])(
    '%s is not understood: all of it',
    async range => {
      const answer = await ask(site.port, '/large.txt', { headers: { range } });
      expect(answer.status).toBe(200);
      expect(answer.body.length).toBe(LARGE.length);
    },
  );

  it('is given only of the content that If-Range names', async () => {
    const { headers } = await ask(site.port, '/large.txt', { method: 'HEAD' });
    const part = { range: 'bytes=0-1', 'if-range': headers.etag ?? '' };
    expect((await ask(site.port, '/large.txt', { headers: part })).status).toBe(206);
    const stale = { range: 'bytes=0-1', 'if-range': '"older"' };
    expect((await ask(site.port, '/large.txt', { headers: stale })).status).toBe(200);
  });
});

describe('compressed variants', () => {
  it.each([
    ['gzip, br', 'br', brotliCompressSync(SCRIPT)],
    ['gzip', 'gzip', gzipSync(SCRIPT)],
    ['br;q=0, gzip;q=0.5', 'gzip', gzipSync(SCRIPT)],
    ['identity', undefined, Buffer.from(SCRIPT)],
  ])('are served to clients that take them: %s', async (accept, encoding, body) => {
    const answer = await ask(site.port, '/app.js', { headers: { 'accept-encoding': accept } });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers.vary).toBe('accept-encoding');
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(answer.body.equals(body)).toBe(true);
  });

  it('have their own ETags', async () => {
    const plain = await ask(site.port, '/app.js');
    const packed = await ask(site.port, '/app.js', { headers: { 'accept-encoding': 'br' } });
    expect(packed.headers.etag).not.toBe(plain.headers.etag);
  });
});
