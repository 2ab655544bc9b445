import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Files, type ServiceFixture, writeFiles } from '@svc/builder-kit/test-support';
import type { Failure } from '@svc/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildService, bundlePrograms, type Programs } from './support/build.ts';

let programs: Programs;
let boundary: string;
beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rmSync(programs.folder, { recursive: true }));
beforeEach(() => {
  boundary = realpathSync(mkdtempSync(join(tmpdir(), 'svc-failures-')));
  return () => rmSync(boundary, { recursive: true });
});

async function failures(files: Files, fixture: Partial<ServiceFixture> = {}): Promise<readonly Failure[]> {
  writeFiles(join(boundary, 'apps/api'), files);
  const built = await buildService(programs, boundary, join(boundary, 'output'), {
    root: 'apps/api',
    ...fixture,
  });
  return built.ok ? [] : built.failures;
}

describe('a failed bundling', () => {
  it('names every package that is not installed, where it is imported', async () => {
    const source =
      "import a from 'left-out';\nconst b = require('@acme/gone/sub');\nexport default a ?? b;\n";
    const found = await failures({ 'server.js': source });
    expect(found).toMatchObject([
      {
        code: 'bundle-failed',
        message: 'the package "left-out" is not installed',
        position: { file: 'apps/api/server.js', line: 1, column: 15, lineText: "import a from 'left-out';" },
      },
      { message: 'the package "@acme/gone" is not installed', position: { line: 2, column: 19 } },
    ]);
    expect(found[0]?.help).toContain('Add it to "dependencies" in apps/api/package.json');
  });

  it('leaves an optional package that is not installed to the program', async () => {
    const source = "let a; try { a = require('optional'); } catch { a = 1; }\nmodule.exports = () => a;\n";
    expect(await failures({ 'server.js': source })).toEqual([]);
  });

  it('points at a mistake in TypeScript, as the source has it', async () => {
    const source =
      "export const at = import.meta.url; const ü = 'ü'; const x = = 1;\nexport default () => {};\n";
    expect(await failures({ 'src/server.ts': source })).toMatchObject([
      {
        code: 'bundle-failed',
        message: 'Unexpected "="',
        position: {
          file: 'apps/api/src/server.ts',
          line: 1,
          column: source.indexOf('= 1') + 1,
          lineText: source.split('\n')[0],
        },
      },
    ]);
  });

  it('points at a mistake in a file whose decorators need metadata', async () => {
    const found = await failures({
      'tsconfig.json': '{ "compilerOptions": { "emitDecoratorMetadata": true } }',
      'server.ts': 'export default () => {};\n@d class A { x: = 1 }\n',
    });
    expect(found).toMatchObject([
      { code: 'bundle-failed', position: { file: 'apps/api/server.ts', line: 2, column: 17 } },
    ]);
  });

  it('says which file of a package that is there is missing', async () => {
    const found = await failures({
      'server.js': "module.exports = require('half');",
      'node_modules/half/package.json': '{ "name": "half", "main": "./dist/index.js" }',
    });
    expect(found).toMatchObject([{ message: expect.stringContaining('"half"') }]);
    expect(found[0]?.help).toContain('buildCommand');
  });

  it('names what the build left instead of the entrypoint', async () => {
    const found = await failures(
      { 'src/main.ts': 'export {}' },
      { buildCommand: 'mkdir -p dist/src && touch dist/src/main.js', entrypoint: 'dist/main.js' },
    );
    expect(found).toMatchObject([
      { code: 'entrypoint-not-built', message: expect.stringContaining('dist/main.js') },
    ]);
    expect(found[0]?.help).toContain('src/main.js');
  });

  it('says that a configured output directory is not there', async () => {
    const found = await failures({ 'x.txt': '' }, { buildCommand: 'true', outputDirectory: 'out' });
    expect(found).toMatchObject([{ code: 'output-directory-missing' }]);
  });

  it('refuses the edge runtime in what the build made', async () => {
    const made = "export const config = { runtime: 'edge' }; export const GET = () => {};";
    const found = await failures(
      { 'x.txt': '' },
      { buildCommand: `echo "${made}" > server.mjs`, entrypoint: 'server.mjs' },
    );
    expect(found).toMatchObject([
      { code: 'edge-unsupported', position: { file: 'apps/api/server.mjs', line: 1 } },
    ]);
  });
});
