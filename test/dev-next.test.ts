import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { projectOf } from './support/cli.ts';
import { dev } from './support/dev.ts';

const BROWSER = ['chromium', 'chromium-browser', 'google-chrome'].find(name =>
  existsSync(`/usr/bin/${name}`),
);
const QUIET = { NEXT_TELEMETRY_DISABLED: '1' };

describe.skipIf(!BROWSER && !process.env.CI)('Next.js under svc dev (needs chromium)', () => {
  it('renders, answers its API routes, and keeps the state of a page over an edit', async () => {
    if (!BROWSER) throw new Error('chromium is not installed, which this test needs');
    const folder = await projectOf({
      'vercel.json': {
        services: {
          web: { root: 'web', framework: 'nextjs', devCommand: 'next dev --port $PORT' },
          api: { root: 'api', entrypoint: 'server.js' },
        },
        rewrites: [
          { source: '/api/other', destination: { service: 'api' } },
          { source: '/(.*)', destination: { service: 'web' } },
        ],
      },
      '.gitignore': 'node_modules/\n.next/\n.svc/\n',
      'web/package.json': {
        name: 'web',
        private: true,
        dependencies: { next: '^15', react: '^19', 'react-dom': '^19' },
      },
      'web/app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;\n',
      'web/app/page.js': `'use client';
import { text } from './text';
export default function Page() {
  return <main><input id="field" /><p id="text">{text}</p></main>;
}
`,
      'web/app/text.js': `export const text = 'next one';\n`,
      'web/app/api/hi/route.js': `export const GET = () => new Response('from a route');\n`,
      'api/server.js': `module.exports = (request, response) => response.end('other ' + request.url);\n`,
    });
    const running = await dev(folder, [], QUIET);
    await Promise.all(['web', 'api'].map(name => running.ready(name)));
    expect(await running.text('/api/other')).toBe('other /api/other');
    // The first compilation may take longer than svc lets anybody wait without an answer.
    await running.sees('/api/hi', 'from a route');

    const browser = await chromium.launch({ executablePath: `/usr/bin/${BROWSER}`, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(120_000);
      // Fast Refresh works once its socket is connected.
      const socket = page.waitForEvent('websocket', each => each.url().includes('webpack-hmr'));
      await page.goto(`http://localhost:${running.port}/`);
      await socket;
      await page.fill('#field', 'typed by hand');
      await writeFile(join(folder, 'web/app/text.js'), `export const text = 'next two';\n`);
      await page.waitForFunction(`document.getElementById('text').textContent === 'next two'`);
      expect(await page.inputValue('#field')).toBe('typed by hand');
    } finally {
      await browser.close();
    }
    expect((await running.stop('SIGINT')).code).toBe(130);
  });
});
