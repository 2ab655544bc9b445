import { spawnSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleSyncUses } from '../src/output/export-targets.ts';
import { withModuleSync } from '../src/output/module-sync.ts';
import type { Files } from '../src/output/shapes.ts';

let folder: string;
let boundary: string;

const PROJECT: Readonly<Record<string, string>> = {
  'api/main.js': 'console.log(require("sync-package"), require("sync-package/lib/a"))',
  'node_modules/sync-package/package.json': JSON.stringify({
    name: 'sync-package',
    version: '1.0.0',
    exports: {
      '.': { 'module-sync': ['./require.mjs', './require.cjs'], default: './require.cjs' },
      './lib/*': { 'module-sync': './sync/*.mjs', default: './lib/*.cjs' },
    },
  }),
  'node_modules/sync-package/require.cjs': 'module.exports = "commonjs"',
  'node_modules/sync-package/require.mjs':
    'import { word } from "sync-helper"; export { word as "module.exports" };',
  'node_modules/sync-package/lib/a.cjs': 'module.exports = "commonjs a"',
  'node_modules/sync-package/lib/b.cjs': 'module.exports = "commonjs b"',
  'node_modules/sync-package/sync/a.mjs': 'const a = "sync a"; export { a as "module.exports" };',
  'node_modules/sync-package/sync/b.mjs': 'export const b = "not asked for";',
  'node_modules/sync-helper/package.json': JSON.stringify({
    name: 'sync-helper',
    version: '1.0.0',
    type: 'module',
    exports: { 'module-sync': './sync.js', default: './other.js' },
  }),
  'node_modules/sync-helper/other.js': 'export const word = "other";',
  'node_modules/sync-helper/sync.js': 'export const word = "module-sync";',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svc-module-sync-'));
  boundary = join(folder, 'project');
  for (const [path, text] of Object.entries(PROJECT)) {
    await mkdir(dirname(join(boundary, path)), { recursive: true });
    await writeFile(join(boundary, path), text);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A function's files as a builder lists them: what the tracer found on a Node that does not know the condition. */
async function traced(): Promise<Files> {
  const { fileList } = await nodeFileTrace([join(boundary, 'api/main.js')], {
    base: boundary,
    // As in Node 20, whatever Node runs this test.
    readFile: async path => {
      const { readFile } = await import('node:fs/promises');
      const text = await readFile(path, 'utf8').catch(() => null);
      return path.endsWith('package.json') ? (text?.replaceAll('"module-sync"', '"unknown"') ?? null) : text;
    },
  });
  return Object.fromEntries(
    [...fileList].map(path => {
      const fsPath = join(boundary, path);
      return [path, { type: 'FileFsRef' as const, fsPath, mode: lstatSync(fsPath).mode }];
    }),
  );
}

async function run(files: Files, name: string) {
  for (const [path, file] of Object.entries(files)) {
    if (file.type === 'FileFsRef') await cp(file.fsPath, join(folder, name, path));
  }
  return spawnSync(process.execPath, [join(folder, name, 'api/main.js')], { encoding: 'utf8' });
}

describe('the export condition module-sync', () => {
  it('kills a function that was traced without it', async () => {
    const { status, stderr } = await run(await traced(), 'without');
    expect(status).not.toBe(0);
    expect(stderr).toContain('require.mjs');
  });

  it('is followed, and so is what its targets import', async () => {
    const files = await withModuleSync(await traced(), boundary);
    expect(await run(files, 'with')).toMatchObject({ status: 0, stdout: 'module-sync sync a\n' });
  });

  it('adds nothing that the function does not use', async () => {
    const files = await withModuleSync(await traced(), boundary);
    const added = Object.keys(files).filter(path => path.includes('/b.'));
    expect(added).toEqual([]);
  });

  it('is found wherever exports may have it', () => {
    const uses = moduleSyncUses(
      JSON.stringify({
        exports: { node: { 'module-sync': { import: './a.mjs' } }, require: './a.cjs' },
        imports: { '#x': { 'module-sync': ['external', './x.js'], default: './y.js' }, '#z': './z.js' },
      }),
    );
    expect(uses).toEqual([
      { targets: ['./a.mjs'], others: ['./a.cjs'] },
      { targets: ['./x.js'], others: ['./y.js'] },
    ]);
    expect(moduleSyncUses('not json')).toEqual([]);
  });
});
