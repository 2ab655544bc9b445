import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type CachedProject,
  cachedProject,
  git,
  outcomes,
  removeOutput,
  treeOf,
} from './support/cached-project.ts';
import { eventsIn, svc } from './support/cli.ts';

const output = ({ folder }: CachedProject) => join(folder, '.vercel/output');

describe('a build with nothing to do', () => {
  it('does nothing, from any folder of the project, and says so', async () => {
    const project = await cachedProject();
    expect(outcomes(await project.build())).toEqual({ web: 'built', api: 'built', docs: 'built' });
    expect(outcomes(await project.build())).toBe('unchanged');
    const ended = await svc(['build'], { cwd: join(project.folder, 'apps/web/src'), env: project.env });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/is ready after .*: nothing has changed in 3 services/);
  });

  it('is not fooled by a file that keeps its size and its time', async () => {
    const project = await cachedProject();
    await project.build();
    const file = join(project.folder, 'apps/web/src/index.txt');
    const time = new Date(2020, 1, 1);
    utimesSync(file, time, time);
    await project.build();
    writeFileSync(file, 'WEB\n');
    utimesSync(file, time, time);
    expect(outcomes(await project.build())).toEqual({ web: 'built', api: 'kept', docs: 'kept' });
  });

  it('takes no notice of what programs leave in ignored folders, and does of a new source', async () => {
    const project = await cachedProject();
    await project.build();
    mkdirSync(join(project.folder, 'apps/web/dist'));
    writeFileSync(join(project.folder, 'apps/web/dist/old.html'), 'old');
    await project.build();
    writeFileSync(join(project.folder, 'apps/web/dist/other.html'), 'other');
    expect(outcomes(await project.build())).toBe('unchanged');
    writeFileSync(join(project.folder, 'apps/web/src/new.txt'), 'new');
    expect(outcomes(await project.build())).toMatchObject({ web: 'built', api: 'kept' });
  });

  it('notices a new source in a folder that held nothing but ignored files', async () => {
    const project = await cachedProject();
    mkdirSync(join(project.folder, 'apps/web/src/logs/old'), { recursive: true });
    writeFileSync(join(project.folder, 'apps/web/src/logs/old/one.log'), '');
    await project.build();
    expect(outcomes(await project.build())).toBe('unchanged');
    writeFileSync(join(project.folder, 'apps/web/src/logs/old/two.txt'), '');
    expect(outcomes(await project.build())).toMatchObject({ web: 'built', api: 'kept' });
  });

  it('notices that git tracks a file now that its rules ignore', async () => {
    const project = await cachedProject({ 'apps/web/src/kept.log': 'kept' });
    await project.build();
    git(project.folder, 'add', '-f', 'apps/web/src/kept.log');
    expect(outcomes(await project.build())).toMatchObject({ web: 'built', api: 'kept' });
  });

  it('works without git', async () => {
    const project = await cachedProject();
    rmSync(join(project.folder, '.git'), { recursive: true });
    await project.build();
    expect(outcomes(await project.build())).toBe('unchanged');
    appendFileSync(join(project.folder, 'apps/api/src/deep/er.txt'), 'more');
    expect(outcomes(await project.build())).toEqual({ web: 'kept', api: 'built', docs: 'kept' });
  });
});

describe('a result that was stored', () => {
  it('comes back byte for byte when the deployment is gone, and when the checkout is as it once was', async () => {
    const project = await cachedProject();
    await project.build();
    const first = treeOf(output(project));
    await removeOutput(project.folder);
    expect(outcomes(await project.build())).toEqual({ web: 'restored', api: 'restored', docs: 'restored' });
    expect(treeOf(output(project))).toEqual(first);
    const file = join(project.folder, 'apps/api/src/index.txt');
    const before = readFileSync(file);
    appendFileSync(file, 'more');
    await project.build();
    writeFileSync(file, before);
    expect(outcomes(await project.build())).toEqual({ web: 'kept', api: 'restored', docs: 'kept' });
    expect(treeOf(output(project))).toEqual(first);
    expect(outcomes(await project.build())).toBe('unchanged');
  });

  it('replaces what somebody changed in the deployment', async () => {
    const project = await cachedProject();
    await project.build();
    const first = treeOf(output(project));
    appendFileSync(join(output(project), 'services/docs/static/index.html'), 'tampered');
    writeFileSync(join(output(project), 'services/web/static/extra.html'), 'extra');
    expect(outcomes(await project.build())).toEqual({ web: 'restored', api: 'restored', docs: 'restored' });
    expect(treeOf(output(project))).toEqual(first);
  });

  it('is not shared with the deployment: changing one does not change the other', async () => {
    const project = await cachedProject();
    await project.build();
    writeFileSync(join(output(project), 'services/docs/static/index.html'), 'overwritten in place');
    expect((await svc(['cache', 'verify'], { cwd: project.folder, env: project.env })).code).toBe(0);
  });

  it('brings links of all kinds back as they were: to files and folders, chained, hard', async () => {
    const project = await cachedProject({
      'apps/web/build.mjs': `import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
mkdirSync('dist/deep', { recursive: true });
writeFileSync('dist/deep/page.html', 'page');
linkSync('dist/deep/page.html', 'dist/hard.html');
for (const [path, target] of [['one.html', 'deep/page.html'], ['two.html', 'one.html'], ['folder', 'deep'], ['deep/up.html', '../one.html']])
  symlinkSync(target, 'dist/' + path);
`,
    });
    await project.build();
    const first = treeOf(output(project));
    expect(first).toMatchObject({
      'services/web/static/two.html': '-> one.html',
      'services/web/static/folder': '-> deep',
      'services/web/static/hard.html': '644 page',
    });
    await removeOutput(project.folder);
    expect(outcomes(await project.build())).toMatchObject({ web: 'restored' });
    expect(treeOf(output(project))).toEqual(first);
    // Of one service alone, in another checkout.
    const other = await cachedProject({
      'apps/web/build.mjs': readFileSync(join(project.folder, 'apps/web/build.mjs'), 'utf8'),
    });
    expect(outcomes(await other.build([], project.env))).toMatchObject({ web: 'restored' });
    expect(treeOf(output(other))).toEqual(first);
  });

  it('is used by another checkout of the same sources', async () => {
    const one = await cachedProject();
    await one.build();
    const two = await cachedProject();
    expect(outcomes(await two.build([], one.env))).toEqual({
      web: 'restored',
      api: 'restored',
      docs: 'restored',
    });
  });
});

describe('options', () => {
  it('--force builds and stores, --no-cache does neither, --cache says where', async () => {
    const project = await cachedProject();
    await project.build(['--no-cache']);
    await removeOutput(project.folder);
    expect(outcomes(await project.build(['--cache', 'local:r']))).toMatchObject({ web: 'built' });
    await removeOutput(project.folder);
    expect(outcomes(await project.build(['--force']))).toMatchObject({ web: 'built' });
    await removeOutput(project.folder);
    expect(outcomes(await project.build())).toMatchObject({ web: 'restored' });
    expect(outcomes(await project.build(['--force']))).toMatchObject({ web: 'built' });
    const refused = await svc(['build', '--cache', 'everywhere'], { cwd: project.folder });
    expect(refused).toMatchObject({ code: 2 });
  });

  it('--filter keeps the others with what they were built from', async () => {
    const project = await cachedProject();
    await project.build();
    appendFileSync(join(project.folder, 'apps/web/src/index.txt'), 'more');
    appendFileSync(join(project.folder, 'apps/api/src/index.txt'), 'more');
    expect(outcomes(await project.build(['--filter', 'web']))).toMatchObject({ web: 'built', api: 'kept' });
    expect(outcomes(await project.build())).toEqual({ web: 'kept', api: 'built', docs: 'kept' });
  });

  it('a build in place is never taken for a build in isolation', async () => {
    const project = await cachedProject();
    await project.build(['--isolation', 'none']);
    expect(outcomes(await project.build(['--isolation', 'none']))).toMatchObject({ web: 'built' });
    expect(outcomes(await project.build())).toMatchObject({ web: 'built' });
  });
});

describe('whatever goes wrong', () => {
  it('a file that changes during the build makes its result nobody’s', async () => {
    const project = await cachedProject({
      'apps/web/build.mjs': `import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
mkdirSync('dist', { recursive: true });
writeFileSync('dist/index.html', readFileSync('src/index.txt'));
const answer = await new Promise(resolve => request('http://127.0.0.1:' + process.env.COLOR, resolve).end());
answer.resume();
`,
    });
    const { createServer } = await import('node:http');
    // The build itself asks for the change, so it comes when the source has been read and before the build has ended.
    const server = createServer((_, response) => {
      writeFileSync(join(project.folder, 'apps/web/src/index.txt'), 'changed meanwhile\n');
      response.end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      await project.build([], { COLOR: `${port}` });
      const events = await project.build([], { COLOR: `${port}` });
      expect(outcomes(events)).toMatchObject({ web: 'built' });
      expect(readFileSync(join(output(project), 'services/web/static/index.html'), 'utf8')).toBe(
        'changed meanwhile\n',
      );
    } finally {
      server.close();
    }
  });

  it('damaged content is reported, removed and built again', async () => {
    const project = await cachedProject();
    await project.build();
    const { hash, path } = blobOf(project, 'services/api/static/index.html');
    writeFileSync(path, readFileSync(path, 'utf8').replace('api', 'apx'));
    const verified = await svc(['cache', 'verify'], { cwd: project.folder, env: project.env });
    expect(verified.code).toBe(40);
    expect(verified.stderr).toContain(hash);
    await removeOutput(project.folder);
    const events = await project.build();
    expect(events.filter(event => event.type === 'cache.rejected')).toMatchObject([
      { service: 'api', from: 'local' },
    ]);
    expect(outcomes(events)).toEqual({ web: 'restored', api: 'built', docs: 'restored' });
    expect((await svc(['cache', 'verify'], { cwd: project.folder, env: project.env })).code).toBe(0);
  });

  it('a cache folder that cannot be used does not fail a build', async () => {
    const project = await cachedProject();
    writeFileSync(project.env.SVC_CACHE_DIR ?? '', 'a file, not a folder');
    const events = await project.build();
    expect(outcomes(events)).toMatchObject({ web: 'built' });
    expect(events.filter(event => event.type === 'cache.rejected').length).toBeGreaterThan(0);
  });

  it('a service that failed is built again, and the others are not', async () => {
    const project = await cachedProject();
    await project.build();
    const good = readFileSync(join(project.folder, 'apps/web/build.mjs'));
    writeFileSync(join(project.folder, 'apps/web/build.mjs'), 'process.exit(1)');
    appendFileSync(join(project.folder, 'apps/api/src/index.txt'), 'more');
    const failed = await svc(['build', '--json'], { cwd: project.folder, env: project.env });
    expect(failed.code).toBe(30);
    expect(eventsIn(failed.stdout).at(-1)).toMatchObject({ summary: { ok: false } });
    const api = join(project.folder, 'apps/api/src/index.txt');
    writeFileSync(api, 'api\n');
    writeFileSync(join(project.folder, 'apps/web/build.mjs'), good);
    // What the failed run put aside was built from other sources.
    expect(outcomes(await project.build())).toEqual({ web: 'kept', api: 'kept', docs: 'kept' });
    expect(readFileSync(join(output(project), 'services/api/static/index.html'), 'utf8')).not.toContain(
      'more',
    );
  });

  it('what the others have finished in a run that failed need not be built again', async () => {
    const project = await cachedProject();
    await project.build();
    const script = join(project.folder, 'apps/web/build.mjs');
    const good = readFileSync(script);
    writeFileSync(script, 'process.exit(1)');
    appendFileSync(join(project.folder, 'apps/api/src/index.txt'), 'more');
    const failed = await svc(['build'], { cwd: project.folder, env: project.env });
    expect(failed.code).toBe(30);
    writeFileSync(script, `${good}// corrected`);
    expect(outcomes(await project.build())).toEqual({ web: 'built', api: 'restored', docs: 'kept' });
    expect(readFileSync(join(output(project), 'services/api/static/index.html'), 'utf8')).toContain('more');
    expect((await svc(['cache', 'verify'], { cwd: project.folder, env: project.env })).code).toBe(0);
    expect(outcomes(await project.build())).toBe('unchanged');
  });

  it('notices modes, moves and deletions', async () => {
    const project = await cachedProject();
    await project.build();
    const source = join(project.folder, 'apps/docs/src');
    for (const change of [
      () => chmodSync(join(source, 'index.txt'), 0o755),
      () => renameSync(join(source, 'index.txt'), join(source, 'renamed.txt')),
      () => rmSync(join(source, 'deep/er.txt')),
      () => rmSync(join(source, 'deep'), { recursive: true }),
    ]) {
      change();
      expect(outcomes(await project.build())).toEqual({ web: 'kept', api: 'kept', docs: 'built' });
    }
  });
});

function blobOf(project: CachedProject, file: string) {
  const manifest = JSON.parse(readFileSync(join(output(project), 'deployment.json'), 'utf8'));
  const hash: string = manifest.files[file].sha256;
  return { hash, path: join(project.env.SVC_CACHE_DIR ?? '', 'v1/blobs', hash.slice(0, 2), hash) };
}

it('an env file that is named by its whole path counts', async () => {
  const project = await cachedProject();
  const file = join(project.folder, '..', 'extra.env');
  writeFileSync(file, 'EXTRA=red\n');
  const options = ['--env-file', file];
  await project.build(options);
  expect(outcomes(await project.build(options))).toBe('unchanged');
  writeFileSync(file, 'EXTRA=blue\n');
  expect(outcomes(await project.build(options))).toEqual({ web: 'built', api: 'built', docs: 'built' });
});
