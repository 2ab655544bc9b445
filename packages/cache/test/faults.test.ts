import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CacheBackend,
  LocalStore,
  type Rejection,
  ResultCache,
  remoteFromEnvironment,
} from '@svc/cache';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, startProxy } from './support/faulty-proxy.ts';
import { findReapiServers } from './support/reapi-servers.ts';
import { startTurborepoServer, type TestServer, TOKEN } from './support/servers.ts';

const PLACES = [
  {
    name: 'turborepo-remote-cache',
    start: startTurborepoServer,
    env: (port: number) => ({
      TURBO_API: `http://127.0.0.1:${port}`,
      TURBO_TOKEN: TOKEN,
      TURBO_TEAM: 'team',
    }),
  },
  ...findReapiServers().map(({ name, start }) => ({
    name,
    start,
    env: (port: number): Record<string, string> => ({ SVC_REMOTE_CACHE_URL: `grpc://127.0.0.1:${port}` }),
  })),
];

const FAULTS: readonly Fault[] = ['truncates', 'corrupts', 'drops', 'hangs'];

describe.each(PLACES)('a build whose remote cache is $name', ({ start, env }) => {
  let server: TestServer;
  let proxy: TestServer;
  let fault: Fault = 'none';
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'svc-faults-'));
    server = await start();
    proxy = await startProxy(server.port, () => fault);
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The cache of another machine each time: what it finds came over the line. */
  async function machine(port: number) {
    const store = new LocalStore(mkdtempSync(join(folder, 'machine-')));
    const backend = await remoteFromEnvironment(env(port), () => store.aside());
    if (backend === null || typeof backend === 'string') throw new Error(backend ?? 'no remote cache');
    const rejections: Rejection[] = [];
    const cache = new ResultCache({
      places: [{ backend: backend as CacheBackend, read: true, write: true }],
      store,
      signingKey: null,
      scope: 'main',
      readScopes: ['main'],
      patience: 1500,
      rejected: rejection => rejections.push(rejection),
    });
    return { cache, store, rejections, backend };
  }

  async function stored(): Promise<{ key: string; hash: string }> {
    const key = randomBytes(32).toString('hex');
    const content = randomBytes(200_000);
    const hash = createHash('sha256').update(content).digest('hex');
    const digest = { hash, size: content.length };
    const { cache, rejections } = await machine(server.port);
    const entry = { key, files: [{ path: 'static/file', digest }], links: [], duration: 1 };
    await cache.store([{ entry, blobs: [{ digest, content }] }], 20_000);
    await cache.close();
    expect(rejections).toEqual([]);
    return { key, hash };
  }

  it('gets a result that another machine stored, in few round trips', async () => {
    fault = 'none';
    const { key, hash } = await stored();
    const { cache, store, backend } = await machine(proxy.port);
    const found = (await cache.find([key])).get(key);
    if (!found) throw new Error('it was not found');
    const to = join(folder, `tree-${key.slice(0, 8)}`);
    expect(await cache.restore(found, to)).toMatchObject({ ok: true, size: 200_000 });
    expect(store.has({ hash, size: 200_000 })).toBe(true);
    expect(backend.traffic.requests).toBeLessThanOrEqual(2);
    expect(backend.traffic.bytesReceived).toBeGreaterThan(200_000);
    expect(backend.traffic.bytesReceived).toBeLessThan(210_000);
    await cache.close();
  });

  it.each(FAULTS)('is told when it %s, and goes on without it', async which => {
    fault = 'none';
    const { key } = await stored();
    fault = which;
    const reading = await machine(proxy.port);
    const found = await reading.cache.find([
      key,
      ...Array.from({ length: 5 }, () => randomBytes(32).toString('hex')),
    ]);
    // A damaged byte may lie where it means nothing; what is found all the same is right.
    for (const result of found.values())
      expect(await reading.cache.restore(result, join(folder, `got-${key.slice(0, 8)}`))).toMatchObject({
        ok: true,
      });
    if (found.size === 0) expect(reading.rejections.length).toBeGreaterThan(0);
    const writing = await machine(proxy.port);
    const content = randomBytes(1000);
    const digest = { hash: createHash('sha256').update(content).digest('hex'), size: 1000 };
    const entry = {
      key: randomBytes(32).toString('hex'),
      files: [{ path: 'file', digest }],
      links: [],
      duration: 1,
    };
    await writing.cache.store([{ entry, blobs: [{ digest, content }] }], 1500);
    await Promise.all([reading.cache.close(), writing.cache.close()]);
  });

  it('leaves a dead one alone after a few attempts', async () => {
    const { cache, rejections } = await machine(1);
    for (let round = 0; round < 6; round++) await cache.find([randomBytes(32).toString('hex')]);
    expect(rejections.length).toBeLessThanOrEqual(3);
    expect(rejections.at(-1)?.reason).toContain('not asked again');
    await cache.close();
  });
});
