import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cachedProject, outcomes } from './support/cached-project.ts';
import { builderCode, campaignProject, left, lock, writeTool } from './support/campaign-project.ts';
import { temporaryFolder } from './support/cli.ts';

const page = (folder: string, name = 'index.html') =>
  readFileSync(join(folder, '.vercel/output/services/pages/static', name), 'utf8');

/** One service of a builder from elsewhere, which no input of the project holds. */
function withBuilder(builder: string, folder: string) {
  return cachedProject({
    'vercel.json': { services: { pages: { root: 'pages' } } },
    'svc.json': { services: { pages: { builder } } },
    '.gitignore': 'node_modules/\ndist/\n',
    'pages/a.md': 'a',
    [`${folder}/package.json`]: { name: 'our-builder', version: '1.0.0', exports: './index.mjs' },
    [`${folder}/index.mjs`]: builderCode('1', 'first'),
    [`${folder}/lib/ending.mjs`]: "export const ending = '.\\n';\n",
  });
}

/** What `npm run test:cache-campaign`, and looking for it, have found to be stale; each with the least that shows it. */
describe('never stale again', () => {
  it('a builder in a folder that git ignores, whose code changes', async () => {
    const project = await withBuilder('./dist/tool', 'dist/tool');
    await project.build();
    expect(outcomes(await project.build())).toBe('unchanged');
    writeFileSync(join(project.folder, 'dist/tool/lib/ending.mjs'), "export const ending = '!\\n';\n");
    expect(outcomes(await project.build())).toEqual({ pages: 'built' });
    expect(page(project.folder)).toBe('first 1!\na.md a');
    writeFileSync(join(project.folder, 'dist/tool/lib/more.mjs'), '');
    expect(outcomes(await project.build())).toEqual({ pages: 'built' });
  });

  it('an installed builder in another version, whose lockfile nobody has touched', async () => {
    const project = await withBuilder('our-builder', 'node_modules/our-builder');
    await project.build();
    expect(outcomes(await project.build())).toBe('unchanged');
    const installed = join(project.folder, 'node_modules/our-builder');
    const manifest = { name: 'our-builder', version: '1.0.1', exports: './index.mjs' };
    writeFileSync(join(installed, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(installed, 'index.mjs'), builderCode('1', 'second'));
    expect(outcomes(await project.build())).toEqual({ pages: 'built' });
    expect(page(project.folder)).toBe('second 1.\na.md a');
  });

  it('a dependency that is copied from a folder of the repository', async () => {
    const project = await cachedProject({
      'vercel.json': {
        services: {
          pages: {
            root: 'pages',
            buildCommand: 'mkdir -p dist && cp node_modules/copied/index.txt dist/index.html',
            outputDirectory: 'dist',
          },
        },
      },
      'svc.json': {},
      '.gitignore': 'node_modules/\ndist/\n',
      // Else npm links it.
      'pages/.npmrc': 'install-links=true\n',
      'pages/package.json': { name: 'pages', dependencies: { copied: 'file:../vendor/copied' } },
      'vendor/copied/package.json': { name: 'copied', version: '1.0.0' },
      'vendor/copied/index.txt': 'one\n',
    });
    await project.build();
    appendFileSync(join(project.folder, 'vendor/copied/index.txt'), 'two\n');
    expect(outcomes(await project.build())).toEqual({ pages: 'built' });
    expect(page(project.folder)).toBe('one\ntwo\n');
  });

  it('the folder in which a member of a workspace once had a version of its own of a dependency', async () => {
    const world = await campaignProject();
    const page = () =>
      readFileSync(join(world.folder, '.vercel/output/services/web/static/index.html'), 'utf8');
    await world.project.build([], world.env);
    const before = page();
    expect(before).not.toContain('apps/web/node_modules');
    const files = ['package-lock.json', 'apps/web/package.json'].map(name => join(world.folder, name));
    const contents = files.map(file => readFileSync(file));
    world.dependencies.web.left = left('2.0.0');
    lock(world);
    await world.project.build([], world.env);
    expect(page()).toContain('apps/web/node_modules');
    for (const [index, file] of files.entries()) writeFileSync(file, contents[index] ?? '');
    // Not from the cache: what the installed packages look like now is the question.
    await world.project.build(['--force'], world.env);
    expect(page()).toBe(before);
  });

  it('a program that becomes another version while its service is being built', async () => {
    const tools = join(await temporaryFolder(), 'tools');
    writeTool(tools, 1);
    // The build itself asks for the change, so it comes when the program has run and before the build has ended.
    const server = createServer((_, response) => {
      writeTool(tools, 2);
      response.end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      const project = await cachedProject({
        'vercel.json': {
          services: {
            pages: {
              root: 'pages',
              buildCommand: 'mkdir -p dist && our-tool > dist/index.html && node ask.mjs',
              outputDirectory: 'dist',
            },
          },
        },
        'svc.json': {},
        'pages/ask.mjs': `await (await fetch('http://127.0.0.1:${port}')).text();\n`,
      });
      const env = { PATH: `${tools}:${process.env.PATH}` };
      await project.build([], env);
      expect(page(project.folder)).toBe('version 1\n');
      expect(outcomes(await project.build([], env))).toEqual({ pages: 'built' });
      expect(page(project.folder)).toBe('version 2\n');
    } finally {
      server.close();
    }
  });
});
