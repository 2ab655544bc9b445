import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from './support/deployment.ts';
import { functionFiles } from './support/functions.ts';
import { ask } from './support/http.ts';

let png: Buffer;
let jpeg: Buffer;
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>';

beforeAll(async () => {
  const red = sharp({ create: { width: 400, height: 200, channels: 3, background: '#f00' } });
  png = await red.png().toBuffer();
  jpeg = await red.jpeg().toBuffer();
});

const servers: ReturnType<typeof createServer>[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Another site. */
function remote(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

const SETTINGS = {
  sizes: [64, 128],
  domains: [],
  formats: ['image/avif', 'image/webp'],
  minimumCacheTTL: 60,
};

function site(images: object = {}, more: Parameters<typeof start>[1] = {}) {
  return start(
    {
      'config.json': {
        version: 3,
        images: { ...SETTINGS, ...images },
        routes: [{ handle: 'filesystem' }, { src: '/made', dest: '/index' }],
      },
      'static/red.png': png,
      'static/red.jpg': jpeg,
      'static/drawing.svg': SVG,
      'static/text.txt': 'no image',
      ...functionFiles(
        '',
        `export default (req, res) => { res.setHeader('content-type', 'image/png'); res.end(Buffer.from('${png.toString('base64')}', 'base64')); };`,
      ),
    },
    more,
  );
}

const image = (url: string, w: number | string = 64, q: number | string = 75) =>
  `/_vercel/image?url=${encodeURIComponent(url)}&w=${w}&q=${q}`;

describe('an image', () => {
  it('is made smaller, in the best format that the client names', async () => {
    const { port } = await site();
    for (const [accept, format] of [
      ['image/avif,image/webp,*/*', 'heif'],
      ['image/webp', 'webp'],
      ['*/*', 'png'],
    ] as const) {
      const answer = await ask(port, image('/red.png'), { headers: { accept } });
      expect(answer.status).toBe(200);
      expect(await sharp(answer.body).metadata()).toMatchObject({ format, width: 64, height: 32 });
    }
    const { headers } = await ask(port, image('/red.jpg'));
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'public, max-age=0, must-revalidate',
      'content-disposition': 'attachment; filename="red.jpeg"',
      vary: 'accept',
    });
  });

  it('is kept, and answers conditional requests', async () => {
    let time = 0;
    const { port } = await site({}, { now: () => time });
    const first = await ask(port, image('/red.png'));
    expect(first.headers['x-vercel-cache']).toBe('MISS');
    time += 59_000;
    const kept = await ask(port, image('/red.png'), {
      headers: { 'if-none-match': String(first.headers.etag) },
    });
    expect(kept).toMatchObject({ status: 304, text: '' });
    expect(kept.headers['x-vercel-cache']).toBe('HIT');
    time += 2_000;
    expect((await ask(port, image('/red.png'))).headers['x-vercel-cache']).toBe('MISS');
  });

  it('is never made larger than it is, and may come from a function', async () => {
    const { port } = await site({ sizes: [4000] });
    const answer = await ask(port, image('/made', 4000));
    expect((await sharp(answer.body).metadata()).width).toBe(400);
  });

  it('is asked for by the path of Next.js too, also in a service', async () => {
    const { port } = await start({
      'config.json': {
        version: 3,
        routes: [{ src: '/(.*)', destination: { type: 'service', service: 'web' } }],
        services: [{ name: 'web', root: 'web' }],
      },
      'services/web/config.json': { version: 3, images: SETTINGS },
      'services/web/static/red.png': png,
    });
    expect((await ask(port, image('/red.png').replace('_vercel', '_next'))).status).toBe(200);
  });
});

describe('refused with 400 and the reason', () => {
  it.each([
    ['/_vercel/image', '"url" parameter is required'],
    ['/_vercel/image?url=%2Fred.png', '"w" parameter is required'],
    ['/_vercel/image?url=%2Fred.png&w=64', '"q" parameter is required'],
    ['/_vercel/image?url=%2Fred.png&w=64&w=128&q=1', '"w" parameter cannot be given twice'],
    [image('/red.png', 65), 'of 65 is not allowed'],
    [image('/red.png', 'x'), 'must be an integer greater than 0'],
    [image('/red.png', 64, 0), 'between 1 and 100'],
    [image('/red.png', 64, 101), 'between 1 and 100'],
    [image('//evil.example/x.png'), 'protocol-relative'],
    [image('/\\evil.example/x.png'), 'protocol-relative'],
    [image('https://evil.example/x.png'), '"url" parameter is not allowed'],
    [image('file:///etc/passwd'), '"url" parameter is invalid'],
    [image(`/${'x'.repeat(4000)}`), 'too long'],
    [image('/_next/image?url=/red.png'), 'recursive'],
    [image('/text.txt'), 'not an image'],
    [image('/drawing.svg'), 'image/svg+xml is not allowed'],
  ])('%s', async (path, reason) => {
    const { port } = await site();
    const answer = await ask(port, path);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(reason);
    expect(answer.headers['x-vercel-error']).toBe('INVALID_IMAGE_OPTIMIZE_REQUEST');
  });

  it('what the settings do not list', async () => {
    const { port } = await site({
      qualities: [75],
      localPatterns: [{ pathname: '^/allowed/.*$', search: '' }],
    });
    expect((await ask(port, image('/red.png'))).text).toContain('"url" parameter is not allowed');
    expect((await ask(port, image('/allowed/red.png', 64, 80))).text).toContain('of 80 is not allowed');
    expect((await ask(port, image('/allowed/red.png'))).status).toBe(404);
  });

  it('other methods with 405', async () => {
    const { port } = await site();
    expect((await ask(port, image('/red.png'), { method: 'POST' })).status).toBe(405);
  });
});

describe('drawings and what moves', () => {
  it('are served as they are, drawings only when allowed and never as a page', async () => {
    const { port } = await site({
      dangerouslyAllowSVG: true,
      contentSecurityPolicy: "script-src 'none'",
    });
    const answer = await ask(port, image('/drawing.svg'));
    expect(answer.text).toBe(SVG);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-security-policy': "script-src 'none'",
      'content-disposition': 'attachment; filename="drawing.svg"',
    });
  });
});

describe('images of other sites', () => {
  it('come from hosts that the settings name', async () => {
    const other = await remote((_, response) => response.end(png));
    const { port } = await site({ domains: ['127.0.0.1'] });
    const answer = await ask(port, image(`http://127.0.0.1:${other}/x.png`));
    expect(answer.status).toBe(200);
    expect((await sharp(answer.body).metadata()).width).toBe(64);
  });

  it('never from this machine or a private network by a pattern for all hosts, nor by a redirect', async () => {
    let asked = 0;
    const inner = await remote((_, response) => {
      asked++;
      response.end(png);
    });
    const { port } = await site({ remotePatterns: [{ hostname: '^.*$' }] });
    for (const host of [
      `127.0.0.1:${inner}`,
      `localhost:${inner}`,
      `[::1]:${inner}`,
      `[::ffff:127.0.0.1]:${inner}`,
      `0x7f000001:${inner}`,
      '169.254.169.254',
      '10.0.0.1',
    ]) {
      expect((await ask(port, image(`http://${host}/x.png`))).status).toBe(502);
    }
    const redirecting = await remote((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${inner}/x.png` }).end();
    });
    const named = await site({ domains: ['127.0.0.1'] });
    expect((await ask(named.port, image(`http://127.0.0.1:${redirecting}/x.png`))).status).toBe(502);
    expect(asked).toBe(0);
  });

  it('have an end', async () => {
    const endless = await remote((_, response) => {
      const block = Buffer.alloc(1024 * 1024, png);
      const more = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    });
    const { port } = await site({ domains: ['127.0.0.1'] });
    expect((await ask(port, image(`http://127.0.0.1:${endless}/x.png`))).status).toBe(413);
  });
});
