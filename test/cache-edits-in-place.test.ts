import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { type CachedProject, cachedProject, outcomes, treeOf } from './support/cached-project.ts';
import { temporaryFolder } from './support/cli.ts';

const output = ({ folder }: CachedProject) => join(folder, '.vercel/output');

/** A project whose builds leave a line for each call of git: svc asks it exactly when it plans from the beginning. */
async function watchedProject(more: Readonly<Record<string, string | object>> = {}) {
  const project = await cachedProject(more);
  const programs = await temporaryFolder();
  const calls = join(programs, 'calls');
  writeFileSync(join(programs, 'git'), `#!/bin/sh\necho "$*" >> ${calls}\nPATH=\${PATH#*:} exec git "$@"\n`, {
    mode: 0o755,
  });
  const path = { PATH: `${programs}${delimiter}${process.env.PATH}` };
  return {
    ...project,
    /** What became of the services, and whether everything was planned anew. */
    async rebuild(env: Readonly<Record<string, string>> = {}) {
      rmSync(calls, { force: true });
      const ended = outcomes(await project.build([], { ...path, ...env }));
      return { ended, isPlanned: existsSync(calls) };
    },
    /** Whether the deployment is what a build without any cache makes of the sources. */
    async isAsClean() {
      const here = treeOf(output(project));
      await project.build(['--no-cache', '--output', join(programs, 'clean')], path);
      expect(here).toEqual(treeOf(join(programs, 'clean')));
    },
  };
}

it('an edit of a source has its service built, and nothing else planned or read', async () => {
  const project = await watchedProject();
  expect(await project.rebuild()).toEqual({
    ended: { web: 'built', api: 'built', docs: 'built' },
    isPlanned: true,
  });
  const source = join(project.folder, 'apps/web/src/index.txt');
  for (const edit of [
    () => appendFileSync(source, 'more\n'),
    () => writeFileSync(source, 'less'),
    () => chmodSync(source, 0o755),
  ]) {
    edit();
    expect(await project.rebuild()).toEqual({
      ended: { web: 'built', api: 'kept', docs: 'kept' },
      isPlanned: false,
    });
    expect(await project.rebuild()).toEqual({ ended: 'unchanged', isPlanned: false });
  }
  await project.isAsClean();
});

it('an edit of what several services see has all of them built', async () => {
  const project = await watchedProject();
  await project.rebuild();
  appendFileSync(join(project.folder, 'shared/common.txt'), 'more\n');
  expect(await project.rebuild()).toEqual({
    ended: { web: 'built', api: 'built', docs: 'built' },
    isPlanned: false,
  });
  await project.isAsClean();
});

it.each<[string, (folder: string) => void]>([
  ['a new file', folder => writeFileSync(join(folder, 'apps/web/src/new.txt'), 'new')],
  ['a new empty folder', folder => mkdirSync(join(folder, 'apps/web/src/empty'))],
  ['a file less', folder => rmSync(join(folder, 'apps/web/src/deep/er.txt'))],
  ['the configuration', folder => replaceIn(join(folder, 'vercel.json'), 'apps/docs', './apps/docs')],
  ['svc.json', folder => replaceIn(join(folder, 'svc.json'), 'COLOR', 'COLOUR')],
  ['what git ignores', folder => appendFileSync(join(folder, '.gitignore'), '*.tmp\n')],
  ['a manifest', folder => replaceIn(join(folder, 'apps/api/package.json'), '1.0.0', '2.0.0')],
])('%s has everything planned anew', async (_, edit) => {
  const project = await watchedProject({ 'apps/api/package.json': { name: 'api', version: '1.0.0' } });
  await project.rebuild();
  edit(project.folder);
  expect((await project.rebuild()).isPlanned).toBe(true);
  await project.isAsClean();
});

it('another variable of the caller has everything planned anew, for the sake of warnings', async () => {
  const project = await watchedProject();
  await project.rebuild();
  appendFileSync(join(project.folder, 'apps/web/src/index.txt'), 'more\n');
  expect((await project.rebuild({ SOMETHING_NEW: 'x' })).isPlanned).toBe(true);
});

it('an edit that changes what a service is has it planned as that', async () => {
  // No build command: svc finds the entrypoint by looking into files.
  const server = (text: string) =>
    `import { createServer } from 'node:http';\ncreateServer((_, response) => response.end('${text}')).listen(3000);\n`;
  const project = await watchedProject({
    'vercel.json': {
      services: {
        web: { root: 'apps/web', buildCommand: 'node build.mjs', outputDirectory: 'dist' },
        back: { root: 'back' },
      },
      rewrites: [{ source: '/(.*)', destination: { service: 'web' } }],
    },
    'svc.json': {},
    'back/package.json': { name: 'back', type: 'module' },
    'back/server.js': server('one'),
  });
  await project.rebuild();
  writeFileSync(join(project.folder, 'back/server.js'), server('two'));
  expect((await project.rebuild()).ended).toEqual({ web: 'kept', back: 'built' });
  await project.isAsClean();
});

it('a record that does not fit its plan, or a plan that is gone, is not used', async () => {
  const project = await watchedProject();
  const plan = join(project.folder, '.svc/last-plan.json');
  await project.rebuild();
  for (const damage of [() => appendFileSync(plan, ' '), () => rmSync(plan)]) {
    damage();
    appendFileSync(join(project.folder, 'apps/web/src/index.txt'), 'more\n');
    expect(await project.rebuild()).toMatchObject({ ended: { web: 'built' }, isPlanned: true });
  }
  expect(readFileSync(plan, 'utf8')).toContain('"services"');
});

it('a failed build leaves the services that it kept as they were, to be kept again', async () => {
  const project = await watchedProject();
  await project.rebuild();
  const script = join(project.folder, 'apps/web/build.mjs');
  const good = readFileSync(script, 'utf8');
  writeFileSync(script, 'setTimeout(() => process.exit(1), 500)');
  await expect(project.rebuild()).rejects.toThrow('ended with 30');
  writeFileSync(script, good);
  expect((await project.rebuild()).ended).toEqual({ web: 'kept', api: 'kept', docs: 'kept' });
});

it.each([
  ['a file', (folder: string) => appendFileSync(join(folder, 'static/index.html'), 'by hand')],
  ['its own folder', (folder: string) => writeFileSync(join(folder, 'more.txt'), 'by hand')],
  ['a folder in it', (folder: string) => writeFileSync(join(folder, 'static/more.txt'), 'by hand')],
])(
  'what somebody writes to a service that is kept, while another is built, does not last: %s',
  async (_, spoil) => {
    let during = () => {};
    const server = createServer((_, response) => {
      during();
      response.end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const project = await watchedProject({
        'apps/web/build.mjs': `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
mkdirSync('dist', { recursive: true });
writeFileSync('dist/index.html', readFileSync('src/index.txt'));
await (await fetch('http://127.0.0.1:${port}')).text();
`,
      });
      await project.rebuild();
      appendFileSync(join(project.folder, 'apps/web/src/index.txt'), 'more\n');
      during = () => spoil(join(output(project), 'services/docs'));
      expect((await project.rebuild()).ended).toEqual({ web: 'built', api: 'kept', docs: 'kept' });
      expect((await project.rebuild()).ended).not.toBe('unchanged');
      await project.isAsClean();
    } finally {
      server.close();
    }
  },
);

function replaceIn(file: string, before: string, after: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(before, after));
}
