import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeFiles } from './support/cli.ts';
import { type Dev, dev } from './support/dev.ts';
import { languagesProject, REWRITES } from './support/languages.ts';

/** Missing programs skip these tests on a developer's machine, visibly, and fail them in CI. */
function has(program: string): boolean {
  const isThere = (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, program)));
  if (!isThere && process.env.CI) throw new Error(`${program} is not installed, which these tests need`);
  return isThere;
}

const BROWSER = ['chromium', 'chromium-browser', 'google-chrome'].find(name =>
  existsSync(`/usr/bin/${name}`),
);

describe.skipIf(!has('go') || !has('python3'))(
  'svc dev, from a fresh checkout (needs go and python3)',
  () => {
    let folder: string;
    let running: Dev;
    const edit = async (path: string, from: string, to: string) => {
      const file = join(folder, path);
      const text = await readFile(file, 'utf8');
      if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
      await writeFile(file, text.replaceAll(from, to));
    };
    const html = (path: string) => fetch(running.url + path, { headers: { accept: 'text/html' } });
    const configuration = async () => JSON.parse(await readFile(join(folder, 'vercel.json'), 'utf8'));
    const configure = (value: object) => writeFiles(folder, { 'vercel.json': value });

    beforeAll(async () => {
      folder = await languagesProject();
      execFileSync('git', ['init', '-q'], { cwd: folder });
      running = await dev(folder);
      const { services } = await running.next('dev.started');
      await Promise.all(services.map(({ name }) => running.ready(name)));
    }, 600_000);

    it('is up with one command: every service installed, started and routed', async () => {
      expect(await running.text('/')).toContain('/@vite/client');
      expect(await running.text('/api/hi')).toBe('api one');
      expect(await running.text('/edge')).toBe('hono one');
      expect(await running.text('/docs/')).toContain('docs one');
      expect(await running.text('/docs/about')).toContain('about');
      expect(await running.text('/shop')).toBe('flask one');
      expect(await running.text('/prices')).toBe('go one');
      expect(existsSync(join(folder, 'stock', '.venv'))).toBe(false);
      // The lockfiles that the installs have written are no reason to start anybody again.
      expect(existsSync(join(folder, 'api', 'package-lock.json'))).toBe(true);
      expect(running.events.filter(event => event.type === 'service.changed')).toEqual([]);
    });

    it('gives a site below a prefix its page and its modules, with that prefix', async () => {
      expect(await running.text('/board')).toContain('src="/board/@vite/client"');
      expect(await running.text('/board/main.js')).toContain("document.title = 'board'");
    });

    it('gives a single-page app its page and its modules', async () => {
      expect(await running.text('/some/page')).toContain('/@vite/client');
      expect(await running.text('/src/text.js')).toContain('vite one');
    });

    it('calls over bindings, in a circle as well, and into services that no rewrite leads to', async () => {
      expect(await running.text('/api/stock')).toBe('{"stock":"one"}');
      expect(await running.text('/api/ask')).toBe('{"asked":"api one"}');
      expect(await running.text('/stock')).not.toContain('one');
    });

    it('passes WebSocket upgrades on to a TypeScript service', async () => {
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(running.port, '127.0.0.1');
        let text = '';
        socket.on('data', chunk => (text += chunk)).on('end', () => resolve(text));
        socket.on('error', reject);
        socket.write(
          `GET /api/socket HTTP/1.1\r\nhost: localhost:${running.port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
        );
      });
      expect(answer).toContain('101 Switching Protocols');
      expect(answer).toContain('hello /api/socket');
    });

    it.each([
      ['api', 'api/src/lib/answer.ts', 'api', '/api/hi'],
      ['edge', 'edge/server.ts', 'hono', '/edge'],
      ['docs', 'docs/index.html', 'docs', '/docs/'],
      ['stock', 'stock/main.py', '"stock": "', '/api/stock'],
      ['shop', 'shop/app.py', 'flask', '/shop'],
      ['prices', 'prices/main.go', 'go', '/prices'],
    ])('shows an edit in %s, and starts nobody else again', async (service, file, word, path) => {
      // Events are told a moment later than they happen.
      const since = Date.now();
      const text = word === '"stock": "' ? word : `${word} `;
      await edit(file, `${text}one`, `${text}two`);
      await running.sees(path, 'two');
      const started = running.events
        .filter(event => Date.parse(event.at) >= since)
        .flatMap(event =>
          event.type === 'service.state' && event.state === 'starting' ? [event.service] : [],
        );
      expect(started.filter(name => name !== service)).toEqual([]);
    });

    it('serves files that are new, and no longer those that are gone', async () => {
      await writeFiles(folder, { 'docs/news/index.html': 'fresh' });
      await running.sees('/docs/news', 'fresh');
      await rm(join(folder, 'docs/news'), { recursive: true });
      await running.sees('/docs/news', '404');
    });

    it.each([
      ['api', 'api/src/lib/answer.ts', 'export enum', 'export enumm', '/api/hi', 'api two', 'answer.ts'],
      ['stock', 'stock/main.py', 'def stock():', 'def stock(:', '/api/stock', 'two', 'SyntaxError'],
      ['shop', 'shop/app.py', 'def shop():', 'def shop(:', '/shop', 'flask two', 'SyntaxError'],
      ['prices', 'prices/main.go', 'func main() {', 'func main( {', '/prices', 'go two', 'main.go:9'],
    ])(
      'shows an error in %s and takes its repair up',
      async (service, file, good, bad, path, answer, shown) => {
        const before = running.events.length;
        await edit(file, good, bad);
        const { failure } = await running.next('service.failed', event => event.service === service, before);
        expect((failure.output ?? []).join('\n')).toContain(shown);
        if (path !== '/api/stock') {
          const page = await html(path);
          expect(page.status).toBe(502);
          expect(await page.text()).toContain(shown);
        }
        // The others go on.
        expect(await running.text('/edge')).toBe('hono two');
        await edit(file, bad, good);
        await running.sees(path, answer);
      },
    );

    it('installs what a manifest newly asks for, and starts only that service again', async () => {
      const since = Date.now();
      await writeFiles(folder, {
        'edge/package.json': {
          name: 'edge',
          private: true,
          type: 'module',
          dependencies: { hono: '^4.6.0', 'is-number': '^7.0.0' },
        },
        'edge/server.ts': `
        import { Hono } from 'hono';
        import isNumber from 'is-number';
        const app = new Hono();
        app.get('/edge', c => c.text('hono ' + isNumber(5)));
        export default app;
      `,
      });
      await running.sees('/edge', 'hono true');
      const others = running.events
        .filter(event => Date.parse(event.at) >= since)
        .filter(
          event => event.type === 'service.state' && event.state === 'starting' && event.service !== 'edge',
        );
      expect(others).toEqual([]);
    });

    it('takes edits of routes up at once, and keeps the last good table when one is broken', async () => {
      const good = await configuration();
      await configure({ ...good, redirects: [{ source: '/old', destination: '/prices' }] });
      await running.next('config.applied', event => event.routes && event.restarted.length === 0);
      const moved = await fetch(`${running.url}/old`, { redirect: 'manual' });
      expect(moved.headers.get('location')).toBe('/prices');

      const before = running.events.length;
      await writeFiles(folder, { 'vercel.json': '{ "services": { "web": { "rot": "web" } } ' });
      const broken = await running.next('config.failed', () => true, before);
      expect(broken.failures[0]?.position?.file).toBe('vercel.json');
      expect(await running.text('/prices')).toBe('go two');
      expect((await fetch(`${running.url}/old`, { redirect: 'manual' })).status).toBe(308);

      const later = running.events.length;
      await configure(good);
      await running.next('config.applied', () => true, later);
      expect((await fetch(`${running.url}/old`, { redirect: 'manual' })).status).toBe(200);
    });

    it('starts services that are added, stops those that are removed, and starts changed ones again', async () => {
      const good = await configuration();
      await writeFiles(folder, {
        'extra/server.js': `
        require('node:http').createServer((_, response) => response.end('extra')).listen(process.env.PORT);
      `,
      });
      const adding = running.events.length;
      const extra = { root: 'extra', entrypoint: 'server.js' };
      const rewrites = [{ source: '/extra', destination: { service: 'extra' } }, ...REWRITES];
      await configure({ ...good, services: { ...good.services, extra }, rewrites });
      await running.next('config.applied', ({ added }) => added.includes('extra'), adding);
      await running.sees('/extra', 'extra');

      const changing = running.events.length;
      await configure({
        ...good,
        services: {
          ...good.services,
          extra: {
            ...extra,
            devCommand:
              "node -e \"require('http').createServer((_, r) => r.end('changed')).listen(process.env.PORT)\"",
          },
        },
        rewrites,
      });
      const changed = await running.next('config.applied', () => true, changing);
      expect(changed.restarted).toEqual(['extra']);
      await running.sees('/extra', 'changed');

      const removing = running.events.length;
      await configure(good);
      const removed = await running.next('config.applied', () => true, removing);
      expect(removed).toMatchObject({ removed: ['extra'], restarted: [] });
      expect(await running.text('/extra')).toContain('/@vite/client');
    });

    it.skipIf(!BROWSER && !process.env.CI)(
      "keeps the page's state over a hot update (needs chromium)",
      async () => {
        if (!BROWSER) throw new Error('chromium is not installed, which this test needs');
        const browser = await chromium.launch({
          executablePath: `/usr/bin/${BROWSER}`,
          args: ['--no-sandbox'],
        });
        try {
          const page = await browser.newPage();
          await page.goto(`http://localhost:${running.port}/`);
          await page.waitForFunction(`document.getElementById('text').textContent === 'vite one'`);
          await page.fill('#field', 'typed by hand');
          await edit('web/src/text.js', 'vite one', 'vite two');
          await page.waitForFunction(`document.getElementById('text').textContent === 'vite two'`);
          expect(await page.inputValue('#field')).toBe('typed by hand');
        } finally {
          await browser.close();
        }
      },
    );

    it('starts at once the second time: nothing is installed again', async () => {
      expect((await running.stop('SIGTERM')).code).toBe(143);
      running = await dev(folder);
      const { services } = await running.next('dev.started');
      await Promise.all(services.map(({ name }) => running.ready(name)));
      const installed = running.events.filter(
        event => event.type === 'service.state' && event.state === 'installing',
      );
      expect(installed).toEqual([]);
      expect((await running.stop('SIGINT')).code).toBe(130);
    });
  },
);
