import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@svc/contracts';
import { describe, expect, it } from 'vitest';
import { assemble, readDeployment } from '../src/index.ts';
import { projectOf, requestFor, serviceConfig, serviceFiles, temporaryFolder } from './support/project.ts';
import { failuresIn, treeOf, valueIn } from './support/results.ts';

describe('the directory of a deployment of services', () => {
  it('holds each tree under services/, the public table, and a manifest of every file', async () => {
    const folder = await temporaryFolder();
    const request = requestFor(folder, { web: serviceFiles('web'), api: serviceFiles('api') });
    const { previousGone, moved, ...deployment } = valueIn(await assemble(request));
    await previousGone;
    expect([...moved]).toEqual([]);
    expect(deployment.directory).toBe(request.target);
    expect(treeOf(request.target)).toEqual([
      'config.json',
      'deployment.json',
      ...['api', 'web'].flatMap(name => [
        `services/${name}/config.json`,
        `services/${name}/functions/api/users.func -> ../index.func`,
        `services/${name}/functions/index.func/.vc-config.json`,
        `services/${name}/functions/index.func/src/server.mjs`,
        `services/${name}/static/assets/app.js`,
        `services/${name}/static/index.html`,
      ]),
    ]);
    expect(Object.keys(deployment.manifest.files)).toEqual(
      expect.arrayContaining([
        'config.json',
        'services/api/functions/api/users.func',
        'services/web/static/index.html',
      ]),
    );
    expect(existsSync(join(folder, 'work/web'))).toBe(false);
    expect(valueIn(await readDeployment(request.target))).toEqual(deployment);
  });

  it('describes services as resolved records in declaration order and as the user wrote them', async () => {
    const folder = await temporaryFolder();
    const project = projectOf(
      folder,
      [
        serviceConfig('web', { declared: { root: 'apps/web/', framework: 'vite' } }),
        serviceConfig('api', {
          declared: { root: './apps/api', bindings: [{ service: 'web', format: 'url', env: 'WEB_URL' }] },
          bindings: [{ type: 'service', service: 'web', format: 'url', env: 'WEB_URL' }],
        }),
      ],
      {
        public: {
          routes: [{ src: '^/api$', destination: { type: 'service', service: 'api' } }],
          rules: [],
          crons: [{ path: '/top', schedule: '0 0 * * *' }],
          images: { sizes: [256] },
        },
      },
    );
    const api = {
      ...serviceFiles('api'),
      'config.json': JSON.stringify({
        version: 3,
        crons: [{ path: '/tick', schedule: '* * * * *' }],
      }),
    };
    const request = requestFor(folder, { web: serviceFiles('web'), api }, { project });
    valueIn(await assemble({ ...request, builders: { api: { traced: 3 } } }));
    const config = JSON.parse(readFileSync(join(request.target, 'config.json'), 'utf8')) as JsonObject;
    expect(config).toMatchSnapshot();
    const manifest = JSON.parse(readFileSync(join(request.target, 'deployment.json'), 'utf8')) as JsonObject;
    expect(manifest.services).toMatchSnapshot();
  });

  it('normalises modes and drops empty folders whatever the umask was', async () => {
    const folder = await temporaryFolder();
    const request = requestFor(folder, {
      web: { ...serviceFiles('web'), 'static/run.sh': { text: '#!/bin/sh\n', mode: 0o4711 } },
    });
    const tree = join(folder, 'work/web');
    mkdirSync(join(tree, 'static/empty/deeper'), { recursive: true });
    chmodSync(join(tree, 'static/index.html'), 0o600);
    chmodSync(join(tree, 'static/assets'), 0o2700);
    const before = process.umask(0o077);
    try {
      valueIn(await assemble(request));
    } finally {
      process.umask(before);
    }
    const mode = (path: string) => (statSync(join(request.target, path)).mode & 0o7777).toString(8);
    expect({
      script: mode('services/web/static/run.sh'),
      page: mode('services/web/static/index.html'),
      folder: mode('services/web/static/assets'),
      services: mode('services'),
      config: mode('config.json'),
      manifest: mode('deployment.json'),
      empty: existsSync(join(request.target, 'services/web/static/empty')),
    }).toEqual({
      script: '755',
      page: '644',
      folder: '755',
      services: '755',
      config: '644',
      manifest: '644',
      empty: false,
    });
  });

  it('has an id that follows from the content alone', async () => {
    const ids = new Set<string>();
    for (const order of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const folder = await temporaryFolder();
      const files = serviceFiles('web');
      const extra = Object.fromEntries(order.map(name => [`static/${name}.txt`, name]));
      const tree = order[0] === 'a' ? { ...files, ...extra } : { ...extra, ...files };
      const request = requestFor(folder, { web: tree }, { timings: { total: order.length * Math.random() } });
      ids.add(valueIn(await assemble(request)).manifest.id);
    }
    expect([...ids]).toHaveLength(1);
    const folder = await temporaryFolder();
    const changed = { ...serviceFiles('web'), 'static/a.txt': 'a', 'static/b.txt': 'c' };
    expect(ids).not.toContain(valueIn(await assemble(requestFor(folder, { web: changed }))).manifest.id);
  });

  it('lists files that are larger than what is read in one go', async () => {
    const folder = await temporaryFolder();
    const big = Buffer.alloc(3_000_000, 'svc');
    const request = requestFor(folder, { web: { ...serviceFiles('web'), 'static/big.bin': big } });
    const { manifest } = valueIn(await assemble(request));
    expect(manifest.files['services/web/static/big.bin']).toMatchObject({ size: 3_000_000 });
  });
});

describe('an ordinary project', () => {
  it('becomes an ordinary Build Output directory', async () => {
    const folder = await temporaryFolder();
    const project = projectOf(folder, [serviceConfig('app', { root: '.', declared: {} })], {
      kind: 'app',
      public: {
        routes: [
          { src: '^/old$', status: 308, headers: { Location: '/new' } },
          { src: '^(?:/(.*))$', destination: { type: 'service', service: 'app' } },
          { handle: 'filesystem' },
          { src: '^/x$', dest: '/y', check: true },
        ],
        rules: [],
        crons: [{ path: '/tick', schedule: '* * * * *' }],
      },
    });
    const request = requestFor(folder, { app: serviceFiles('app') }, { project });
    valueIn(await assemble(request));
    expect(treeOf(request.target)).toEqual([
      'config.json',
      'deployment.json',
      'functions/api/users.func -> ../index.func',
      'functions/index.func/.vc-config.json',
      'functions/index.func/src/server.mjs',
      'static/assets/app.js',
      'static/index.html',
    ]);
    expect(JSON.parse(readFileSync(join(request.target, 'config.json'), 'utf8'))).toEqual({
      version: 3,
      routes: [
        { src: '^/old$', status: 308, headers: { Location: '/new' } },
        { handle: 'filesystem' },
        { src: '^/x$', dest: '/y', check: true },
        { src: '/(.*)', dest: '/index' },
      ],
      crons: [{ path: '/tick', schedule: '* * * * *' }],
    });
    const before = readFileSync(join(request.target, 'config.json'), 'utf8');
    const again = valueIn(await assemble({ ...request, outputs: [], kept: ['app'] }));
    expect(readFileSync(join(again.directory, 'config.json'), 'utf8')).toBe(before);
  });
});

describe('services that keep their last output', () => {
  it('share its files with the deployment before', async () => {
    const folder = await temporaryFolder();
    const first = requestFor(folder, { web: serviceFiles('web'), api: serviceFiles('api') });
    const { manifest } = valueIn(await assemble(first));
    const inode = statSync(join(first.target, 'services/api/static/index.html')).ino;
    const { outputs } = requestFor(folder, { web: serviceFiles('web2') });
    const second = valueIn(await assemble({ ...first, outputs, kept: ['api'] }));
    expect(statSync(join(first.target, 'services/api/static/index.html')).ino).toBe(inode);
    expect(readFileSync(join(first.target, 'services/web/static/index.html'), 'utf8')).toContain('web2');
    expect(second.manifest.id).not.toBe(manifest.id);
    const third = valueIn(await assemble({ ...first, outputs: [], kept: ['web', 'api'] }));
    expect(third.manifest.tree).toBe(second.manifest.tree);
  });

  it('are a failure each when there is nothing to keep', async () => {
    const folder = await temporaryFolder();
    const request = requestFor(folder, { web: serviceFiles('web'), api: serviceFiles('api') });
    const failures = failuresIn(await assemble({ ...request, outputs: [], kept: ['web', 'api'] }));
    expect(failures.map(({ code, service }) => [code, service])).toEqual([
      ['nothing-to-keep', 'web'],
      ['nothing-to-keep', 'api'],
    ]);
    expect(existsSync(request.target)).toBe(false);
  });
});
