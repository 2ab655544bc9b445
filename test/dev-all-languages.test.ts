import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyFixture } from './support/cli.ts';
import { type Dev, dev, processesWith } from './support/dev.ts';
import { containersOf, imageOf } from './support/docker.ts';
import { toolIsHere } from './support/tools.ts';

const TOOLS = { python3: '--version', go: 'version', cargo: '--version', docker: 'version' };
const missing = Object.entries(TOOLS).flatMap(([tool, arg]) => (toolIsHere(tool, [arg]) ? [] : [tool]));
const reason = missing.length > 0 ? ` (skipped: needs ${missing.join(', ')})` : '';

/** An edit of each service, and where the public sees it. */
const EDITS = [
  ['web', 'apps/web/app/page.tsx', 'Every language', 'Every word', '/', 'Every word'],
  ['board', 'apps/board/src/main.ts', "'shelf'", "'table'", '/board/src/main.ts', 'table'],
  ['docs', 'docs/chain.html', 'stock asks tax', 'stock begs tax', '/docs/chain', 'stock begs tax'],
  ['api', 'apps/api/src/index.ts', "['api',", "['api 2',", '/api/quotes/lamp', '"api 2"'],
  ['catalog', 'services/catalog/main.py', '["catalog"', '["catalog 2"', '/api/quotes/lamp', '"catalog 2"'],
  ['admin', 'services/admin/desk/views.py', '"Grace"', '"Alan"', '/admin/', '<li>Alan</li>'],
  ['prices', 'services/prices/main.go', '{"prices"}', '{"prices 2"}', '/api/quotes/lamp', '"prices 2"'],
  ['stock', 'services/stock/src/main.rs', '"stock".into', '"stock 2".into', '/api/quotes/lamp', '"stock 2"'],
  ['tax', 'services/tax/main.go', '{"tax"}', '{"tax 2"}', '/api/quotes/lamp', '"tax 2"'],
] as const;

describe.skipIf(missing.length > 0)(`svc dev on fixtures/all-languages${reason}`, () => {
  let folder: string;
  let running: Dev;
  beforeAll(async () => {
    folder = await copyFixture('all-languages');
    execFileSync('git', ['init', '-q'], { cwd: folder });
    running = await dev(folder, [], { NEXT_TELEMETRY_DISABLED: '1' });
    await Promise.all(EDITS.map(([service]) => running.ready(service)));
  }, 900_000);
  afterAll(() => void spawnSync('docker', ['rmi', '--force', imageOf(folder, 'tax', 'services/tax')]));

  it('is up on a fresh checkout with one command', async () => {
    expect(JSON.parse(await running.text('/api/quotes/lamp'))).toEqual({
      product: 'lamp',
      cents: 5880,
      via: ['api', 'catalog', 'prices', 'stock', 'tax'],
    });
    await running.sees('/', 'Every language');
    await running.sees('/quotes/chair', '<p id="price">226.80</p>');
    expect(await running.text('/board/')).toContain('src="/board/@vite/client"');
    expect(await running.text('/docs/chain')).toContain('stock asks tax');
    expect(await running.text('/admin/')).toContain('<li>Grace</li>');
    expect(JSON.parse(await running.text('/api/staff'))).toEqual({ staff: ['Ada', 'Grace'] });
    // What is built, installed and written on the way starts nobody again.
    expect(running.events.filter(({ type }) => type === 'service.changed')).toEqual([]);
    expect(existsSync(join(folder, 'services/catalog/.venv'))).toBe(false);
  });

  it('shows an edit of each service, made all at once', async () => {
    for (const [, file, from, to] of EDITS) {
      const text = await readFile(join(folder, file), 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
      await writeFile(join(folder, file), text.replaceAll(from, to));
    }
    await Promise.all(EDITS.map(([, , , , path, text]) => running.sees(path, text)));
    expect(JSON.parse(await running.text('/api/quotes/lamp')).via).toEqual([
      'api 2',
      'catalog 2',
      'prices 2',
      'stock 2',
      'tax 2',
    ]);
  });

  it('leaves no process and no container', async () => {
    expect((await running.stop('SIGINT')).code).toBe(130);
    expect(processesWith(folder)).toEqual([]);
    expect(containersOf(imageOf(folder, 'tax', 'services/tax'))).toEqual([]);
  });
});
