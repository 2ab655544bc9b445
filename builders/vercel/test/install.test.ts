import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OFFICIAL_PACKAGES, readPackageRequest, takesBuilder } from '../src/index.ts';
import { lockedVersion, unverified } from '../src/install/lock.ts';
import { PINNED_LOCKS } from '../src/install/pinned-locks.ts';
import { buildWeb, failuresOf, makeProject, type Project, useAdapterPrograms } from './support/build.ts';
import { type Registry, startRegistry } from './support/registry.ts';

useAdapterPrograms();

const source = (text: string) => ({
  'index.js': `exports.version = 2; exports.build = async () => ({ output: { 'version.txt': { type: 'FileBlob', data: require('vercel-part') + ${JSON.stringify(text)} } } });`,
});
const PACKAGES = [
  { name: 'vercel-part', version: '2.0.0', files: { 'index.js': 'module.exports = "part and "' } },
  {
    name: 'vercel-lua',
    version: '1.0.0',
    manifest: { dependencies: { 'vercel-part': '^2.0.0' } },
    files: source('one'),
  },
  {
    name: 'vercel-lua',
    version: '1.1.0',
    manifest: { dependencies: { 'vercel-part': '^2.0.0' } },
    files: source('two'),
  },
];

let registry: Registry;
let project: Project;
beforeAll(async () => {
  registry = await startRegistry(PACKAGES);
});
afterAll(() => registry.close());
beforeEach(async () => {
  project = await makeProject({ 'web/index.js': '' });
});
afterEach(() => project.remove());

const build = (builder: string, url = registry.url) => buildWeb(project, { builder, registry: url });
const built = () => readFile(join(project.output, 'static/version.txt'), 'utf8');
const lockFile = () => join(project.boundary, 'svc-builders.json');
const installed = () => readdir(join(project.cache, 'builders'));
const NOBODY = 'http://127.0.0.1:9';

describe('the lockfiles that come with svc', () => {
  it.each(Object.entries(OFFICIAL_PACKAGES))(
    '%s is there in the version that plans name, every package vouched for',
    (name, { version }) => {
      const lock = PINNED_LOCKS[name];
      if (!lock) throw new Error(`no lockfile for ${name}`);
      expect(lockedVersion(lock, name)).toBe(version);
      expect(unverified(lock)).toEqual([]);
      expect(JSON.stringify(lock)).not.toContain('"resolved"');
    },
  );
});

describe('a builder of svc.json', () => {
  it('is taken by its name or by a prefix', () => {
    for (const name of [
      '@vercel/ruby',
      '@now/node',
      'vercel-php',
      '@acme/vercel-lua',
      'now-rust@1',
      'vercel:anything',
    ]) {
      expect(takesBuilder(name), name).toBe(true);
    }
    for (const name of ['./tools/mine', 'php-builder', '@acme/svc-lua', 'my-vercel-thing', 'static']) {
      expect(takesBuilder(name), name).toBe(false);
    }
  });

  it('may name a version', () => {
    expect(readPackageRequest('vercel:@acme/lua@1.2')).toEqual({ name: '@acme/lua', wanted: '1.2' });
    expect(readPackageRequest('vercel-php')).toEqual({ name: 'vercel-php', wanted: null });
  });
});

describe('installing a builder', () => {
  it('pins it in svc-builders.json on first use, and goes by that from then on, on other machines and offline', async () => {
    const first = await build('vercel-lua');
    expect(first.result.ok).toBe(true);
    expect(await built()).toBe('part and two');
    expect(first.notices).toMatchObject([
      { code: 'builder-pinned', message: expect.stringContaining('1.1.0') },
    ]);
    const text = await readFile(lockFile(), 'utf8');
    const { builders } = JSON.parse(text);
    expect(builders['vercel-lua']).toMatchObject({ version: '1.1.0', wanted: null });
    expect(unverified(builders['vercel-lua'].lock)).toEqual([]);
    expect(text).not.toContain(registry.url);
    expect(existsSync(join(project.output, '.svc-builder-lock.json'))).toBe(false);

    const asked = registry.requests.length;
    const second = await build('vercel-lua', NOBODY);
    expect(second.result.ok).toBe(true);
    expect(second.notices).toEqual([]);
    expect(second.printed).toContain('vercel-lua 1.1.0 is installed');
    expect(registry.requests.length).toBe(asked);
    expect(await readFile(lockFile(), 'utf8')).toBe(text);
  });

  it('looks it up anew when svc.json asks for another version', async () => {
    await build('vercel-lua');
    expect((await build('vercel-lua@1.0.0')).result.ok).toBe(true);
    expect(await built()).toBe('part and one');
    expect(JSON.parse(await readFile(lockFile(), 'utf8')).builders['vercel-lua']).toMatchObject({
      version: '1.0.0',
      wanted: '1.0.0',
    });
    expect(await installed()).toHaveLength(2);
  });

  it('keeps its head when several builds install at once', async () => {
    await build('vercel-lua');
    const others = await Promise.all([
      makeProject({ 'web/index.js': '' }),
      makeProject({ 'web/index.js': '' }),
    ]);
    const lock = await readFile(lockFile(), 'utf8');
    const shared = others.map(other => ({ ...other, cache: join(project.cache, 'shared') }));
    await Promise.all(shared.map(other => writeFile(join(other.boundary, 'svc-builders.json'), lock)));
    const ends = await Promise.all(
      shared.map(other => buildWeb(other, { builder: 'vercel-lua', registry: registry.url })),
    );
    expect(ends.map(({ result }) => result.ok)).toEqual([true, true]);
    expect(await readdir(join(project.cache, 'shared/builders'))).toHaveLength(1);
    await Promise.all(others.map(other => other.remove()));
  });

  it('says that a package or a version does not exist', async () => {
    expect(failuresOf(await build('vercel-nobody-made-this'))).toMatchObject([
      {
        code: 'builder-not-found',
        message: 'the builder package vercel-nobody-made-this does not exist in the registry',
      },
    ]);
    expect(failuresOf(await build('vercel-lua@9'))).toMatchObject([
      { code: 'builder-not-found', message: 'the builder package vercel-lua@9 has no such version' },
    ]);
    expect(await installed()).toEqual([]);
  });

  it('says that the registry is out of reach', async () => {
    const [failure] = failuresOf(await build('vercel-lua', NOBODY));
    expect(failure).toMatchObject({
      code: 'builder-install-failed',
      message: expect.stringMatching(/can't be reached \(ECONNREFUSED\)/),
    });
    expect(failure?.help).toContain('used offline from then on');
  });

  it('refuses a package that is not what the lockfile vouches for', async () => {
    const other = await startRegistry(PACKAGES);
    await build('vercel-lua', other.url);
    other.tamper();
    const elsewhere = { ...project, cache: join(project.cache, 'elsewhere') };
    const end = await buildWeb(elsewhere, { builder: 'vercel-lua', registry: other.url });
    await other.close();
    expect(failuresOf(end)).toMatchObject([
      {
        code: 'builder-install-failed',
        message: expect.stringContaining('not what the lockfile vouches for'),
      },
    ]);
  });

  it('refuses a lockfile that lacks an integrity, or that is none', async () => {
    await build('vercel-lua');
    const lock = JSON.parse(await readFile(lockFile(), 'utf8'));
    delete lock.builders['vercel-lua'].lock.packages['node_modules/vercel-part'].integrity;
    await writeFile(lockFile(), JSON.stringify(lock));
    expect(failuresOf(await build('vercel-lua'))).toMatchObject([
      {
        code: 'builder-install-failed',
        message:
          'the entry of vercel-lua in svc-builders.json lacks the integrity of node_modules/vercel-part',
        position: { file: 'svc-builders.json' },
      },
    ]);
    delete lock.builders['vercel-lua'].lock.packages['node_modules/vercel-lua'];
    lock.builders['vercel-lua'].lock.packages['node_modules/vercel-part'].integrity = 'sha512-x';
    await writeFile(lockFile(), JSON.stringify(lock));
    expect(failuresOf(await build('vercel-lua'))[0]?.message).toContain(
      'lacks the integrity of node_modules/vercel-lua',
    );
    await writeFile(lockFile(), '{"version": 7}');
    expect(failuresOf(await build('vercel-lua'))[0]?.message).toContain('not one that svc wrote');
  });
});
