import { join } from 'node:path';
import { findProject, loadProject } from '@svc/config';
import { describe, expect, it, vi } from 'vitest';
import { folderWith, load, loaded } from './temporary-project.ts';

const WEB = {
  services: { web: { root: 'web' } },
  rewrites: [{ source: '/(.*)', destination: { service: 'web' } }],
};

describe('finding the project', () => {
  it('takes the nearest folder upward with a configuration', async () => {
    const folder = await folderWith({ 'vercel.json': WEB, 'a/vercel.toml': '', 'a/b/c/file': '' });
    expect(await findProject(join(folder, 'a/b/c'))).toEqual({
      ok: true,
      value: { directory: join(folder, 'a'), configFile: 'vercel.toml' },
    });
    expect(await findProject(folder)).toEqual({
      ok: true,
      value: { directory: folder, configFile: 'vercel.json' },
    });
  });

  it('is the start folder where no configuration is found', async () => {
    const folder = await folderWith({ 'index.html': '' });
    expect(await findProject(folder)).toEqual({ ok: true, value: { directory: folder } });
  });

  it('fails where there is no such folder', async () => {
    const folder = await folderWith({});
    expect(await findProject(join(folder, 'nowhere'))).toMatchObject({
      ok: false,
      failures: [{ code: 'config-not-found' }],
    });
  });

  it('fails where the configuration, or svc.json, is no readable file', async () => {
    expect(await load({ 'vercel.json/file': '' })).toMatchObject({
      ok: false,
      failures: [{ code: 'config-not-found', message: 'vercel.json cannot be read: it is a folder' }],
    });
    expect(await load({ 'vercel.json': WEB, 'svc.json/file': '' })).toMatchObject({
      ok: false,
      failures: [{ code: 'config-not-found', message: 'svc.json cannot be read: it is a folder' }],
    });
    const nowhere = join(await folderWith({}), 'nowhere');
    expect(await loadProject(nowhere, { env: {} })).toMatchObject({
      ok: false,
      failures: [{ code: 'config-not-found' }],
    });
  });

  it('does not mind an old file beside a new one', async () => {
    const folder = await folderWith({ 'now.json': '{}', 'vercel.json': WEB });
    expect(await findProject(folder)).toMatchObject({ ok: true, value: { configFile: 'vercel.json' } });
  });
});

describe('services', () => {
  it('come in the order of declaration, with bindings written out and roots normalised', async () => {
    const project = await loaded({
      'vercel.json': {
        services: {
          zoo: { root: './apps//zoo/', bindings: [{ service: 'ape', format: 'url', env: 'APE_URL' }] },
          ape: { root: 'apps/x/../ape', command: 'serve now' },
          here: {
            root: './',
            bindings: [{ type: 'service', service: 'here', format: 'url', env: 'SELF_URL' }],
          },
        },
      },
    });
    expect(project.kind).toBe('services');
    expect(project.services.map(({ name, root }) => [name, root])).toEqual([
      ['zoo', 'apps/zoo'],
      ['ape', 'apps/ape'],
      ['here', '.'],
    ]);
    expect(project.services[0]?.bindings).toEqual([
      { type: 'service', service: 'ape', format: 'url', env: 'APE_URL' },
    ]);
    expect(project.services[1]?.command).toEqual(['serve now']);
  });

  it('may be bound in a circle', async () => {
    const bound = (service: string) => ({
      root: '.',
      bindings: [{ service, format: 'url', env: 'PEER_URL' }],
    });
    const project = await loaded({ 'vercel.json': { services: { one: bound('two'), two: bound('one') } } });
    expect(project.warnings).toEqual([]);
  });

  it('may have names that objects have too', async () => {
    const services = { constructor: { root: 'a' } };
    const rewrites = [{ source: '/(.*)', destination: { service: 'constructor' } }];
    const project = await loaded({ 'vercel.json': { services, rewrites } });
    expect(project.services[0]).toMatchObject({ name: 'constructor', root: 'a', local: { env: [] } });
    expect(await load({ 'vercel.json': { services: { web: { root: 'a', constructor: 1 } } } })).toMatchObject(
      {
        ok: false,
        failures: [{ code: 'config-unknown-field' }],
      },
    );
  });

  it('allow null for a top-level framework', async () => {
    expect((await loaded({ 'vercel.json': { ...WEB, framework: null } })).services).toHaveLength(1);
  });
});

describe('a folder without services', () => {
  it('is one app that receives every request, without any configuration', async () => {
    const project = await loaded({ 'index.html': '' });
    expect(project).toMatchObject({
      kind: 'app',
      services: [{ name: 'app', root: '.', routes: [], positions: {} }],
    });
    expect(project).not.toHaveProperty('configFile');
    expect(project.public.routes).toHaveLength(1);
    const [route] = project.public.routes;
    expect(route).toMatchObject({ destination: { type: 'service', service: 'app' } });
    const pattern = new RegExp(route && 'src' in route ? route.src : '$^');
    expect(['/', '/a', '/a/b/'].every(path => pattern.test(path))).toBe(true);
  });

  it('has the top-level build settings and routing as its own', async () => {
    const { services, public: surface } = await loaded({
      'vercel.json': {
        framework: null,
        buildCommand: 'make',
        cleanUrls: true,
        redirects: [{ source: '/a', destination: '/b' }],
        crons: [{ path: '/tick', schedule: '0 * * * *' }],
      },
    });
    expect(services[0]).toMatchObject({ buildCommand: 'make', cleanUrls: true });
    expect(services[0]).not.toHaveProperty('framework');
    expect(services[0]?.routes).toHaveLength(3);
    expect(surface.routes).toHaveLength(1);
    expect(surface.crons).toHaveLength(1);
    expect(surface).not.toHaveProperty('cleanUrls');
  });
});

describe('svc.json', () => {
  it('speaks to all services, and to each', async () => {
    const project = await loaded({
      'vercel.json': { services: { web: { root: 'web' }, api: { root: 'api' } } },
      'svc.jsonc': `{
        // for everybody
        "env": ["TOKEN"], "envFiles": [".env"], "builders": ["./b.mjs", "svc-lua"],
        "services": { "api": { "env": ["DB", "TOKEN"], "envFiles": ["api.env"], "inputs": ["shared"], "builder": "./b.mjs", "builderTimeout": 5, "context": ".", "secrets": ["TOKEN"], "engine": "buildah" } },
      }`,
    });
    const [web, api] = project.services;
    expect(web?.local).toEqual({
      env: ['TOKEN'],
      envFiles: ['.env'],
      inputs: [],
      builders: ['./b.mjs', 'svc-lua'],
    });
    expect(api?.local).toEqual({
      env: ['TOKEN', 'DB'],
      envFiles: ['.env', 'api.env'],
      inputs: ['shared'],
      builder: './b.mjs',
      builders: ['./b.mjs', 'svc-lua'],
      builderTimeout: 5,
      context: '.',
      secrets: ['TOKEN'],
      engine: 'buildah',
    });
  });

  it('speaks to an app by the name app', async () => {
    const project = await loaded({ 'index.html': '', 'svc.json': { services: { app: { env: ['A'] } } } });
    expect(project.services[0]?.local.env).toEqual(['A']);
  });
});

describe('the boundary', () => {
  const boundaryOf = async (files: Record<string, string | object>, project = 'apps/shop') => {
    const folder = await folderWith({ ...files, [`${project}/vercel.json`]: WEB });
    const result = await loadProject(join(folder, project), { env: {} });
    return result.ok ? result.value.boundary.replace(folder, 'TOP').replaceAll('\\', '/') : 'failed';
  };

  it('is the project where no workspace claims it', async () => {
    expect(await boundaryOf({})).toBe('TOP/apps/shop');
    expect(await boundaryOf({ 'package.json': { workspaces: ['libs/*'] } })).toBe('TOP/apps/shop');
    expect(await boundaryOf({ 'package.json': '{ broken' })).toBe('TOP/apps/shop');
  });

  it('is the root of the workspace that claims it', async () => {
    expect(await boundaryOf({ 'package.json': { workspaces: ['apps/*'] } })).toBe('TOP');
    expect(await boundaryOf({ 'package.json': { workspaces: { packages: ['./apps/**/'] } } })).toBe('TOP');
    expect(
      await boundaryOf({ 'pnpm-workspace.yaml': 'packages:\n  # all\n  - "apps/*"\n\ncatalog: {}\n' }),
    ).toBe('TOP');
    expect(await boundaryOf({ 'pnpm-workspace.yaml': "packages: ['libs/*', 'apps/shop']\n" })).toBe('TOP');
  });

  it('obeys patterns that exclude', async () => {
    expect(await boundaryOf({ 'package.json': { workspaces: ['apps/*', '!apps/shop'] } })).toBe(
      'TOP/apps/shop',
    );
    expect(await boundaryOf({ 'package.json': { workspaces: ['apps/*', '!apps/other'] } })).toBe('TOP');
  });

  it('is the nearest of several', async () => {
    const files = { 'package.json': { workspaces: ['**'] }, 'apps/package.json': { workspaces: ['shop'] } };
    expect(await boundaryOf(files)).toBe('TOP/apps');
  });
});

describe('routes', () => {
  it('come without words of the library on the console', async () => {
    const spoken = vi.spyOn(console, 'error');
    // The two versions of path-to-regexp that the library compares differ in this source.
    const rewrites = [{ source: '/:a-:b/:c*', destination: { service: 'web' } }, ...WEB.rewrites];
    await loaded({ 'vercel.json': { ...WEB, rewrites } });
    expect(spoken).not.toHaveBeenCalled();
    spoken.mockRestore();
  });

  it('keep what a service declared as it was written', async () => {
    const headers = [
      { source: '/', has: [{ type: 'header', key: 'X-Up' }], headers: [{ key: 'A', value: 'b' }] },
    ];
    const project = await loaded({ 'vercel.json': { services: { web: { root: './web', headers } } } });
    expect(project.services[0]?.declared).toEqual({ root: './web', headers });
    expect(project.services[0]?.routes).toMatchObject([{ has: [{ key: 'x-up' }] }]);
  });
});
