import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CacheBackend, encodeEntry, LocalStore, remoteFromEnvironment } from '@svc/cache';
import { expect, it } from 'vitest';
import { backendConformance, newSlot } from './backend-conformance.ts';
import { startProxy } from './support/faulty-proxy.ts';
import { findReapiServers } from './support/reapi-servers.ts';
import { startTurborepoServer, type TestServer, TOKEN } from './support/servers.ts';

async function openRemote(env: Readonly<Record<string, string>>, folder: string): Promise<CacheBackend> {
  const store = new LocalStore(folder);
  const backend = await remoteFromEnvironment(env, () => store.aside());
  if (backend === null || typeof backend === 'string') throw new Error(backend ?? 'no remote cache');
  return backend;
}

function overServer(
  start: () => Promise<TestServer>,
  envOf: (port: number) => Record<string, string>,
  slow: boolean,
) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'svc-client-'));
    const server = await start();
    const proxy = slow ? await startProxy(server.port, () => 'delays') : undefined;
    return {
      open: () => openRemote(envOf((proxy ?? server).port), folder),
      async close() {
        await proxy?.stop();
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  };
}

const turborepo = (port: number) => ({
  TURBO_API: `http://127.0.0.1:${port}`,
  TURBO_TOKEN: TOKEN,
  TURBO_TEAM: 'team',
});
const reapi = (port: number) => ({ SVC_REMOTE_CACHE_URL: `grpc://127.0.0.1:${port}` });

backendConformance('the local store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'svc-store-'));
  return {
    open: () => new LocalStore(folder),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

backendConformance('turborepo-remote-cache', overServer(startTurborepoServer, turborepo, false));
backendConformance(
  'turborepo-remote-cache through a slow line',
  overServer(startTurborepoServer, turborepo, true),
);

const reapiServers = findReapiServers();
for (const { name, start } of reapiServers) {
  backendConformance(name, overServer(start, reapi, false));
  backendConformance(`${name} through a slow line`, overServer(start, reapi, true));
}

// One server is enough: what it is about is the size of our messages, and some take half a minute for so many files.
it.each(reapiServers.slice(0, 1))(
  '$name takes and gives back a result of more files than one message may name',
  async ({ start }) => {
    const place = await overServer(start, reapi, false)();
    const backend = await place.open();
    try {
      const contents = Array.from({ length: 60_000 }, (_, index) => Buffer.from(`${index}`));
      const blobs = contents.map(content => ({
        digest: { hash: createHash('sha256').update(content).digest('hex'), size: content.length },
        content,
      }));
      const files = blobs.map(({ digest }, index) => ({ path: `${index % 50}/${index}`, digest }));
      const entry = encodeEntry({ key: 'ab'.repeat(32), scope: 'main', files, links: [], duration: 5 }, null);
      const slot = newSlot();
      expect(await backend.store(slot, entry, blobs, AbortSignal.timeout(100_000))).toBe('stored');
      const found = await backend.find([slot], AbortSignal.timeout(10_000));
      expect(Buffer.from(found.get(slot) ?? []).equals(entry)).toBe(true);
    } finally {
      await backend.close();
      await place.close();
    }
  },
  120_000,
);

it.skipIf(reapiServers.length === 0)(
  'a server of the Remote Execution API is installed here (see test/support/reapi-servers.ts)',
  () => expect(reapiServers).not.toHaveLength(0),
);

it('says what is wrong with an address or a missing token', async () => {
  const aside = () => '';
  expect(await remoteFromEnvironment({}, aside)).toBeNull();
  expect(await remoteFromEnvironment({ TURBO_API: 'cache.example' }, aside)).toMatch(/begins with none of/);
  expect(await remoteFromEnvironment({ TURBO_API: 'https://cache.example' }, aside)).toMatch(/needs a token/);
});
