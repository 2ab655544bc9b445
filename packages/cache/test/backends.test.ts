import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CacheBackend, LocalStore, remoteFromEnvironment } from '@svc/cache';
import { expect, it } from 'vitest';
import { backendConformance } from './backend-conformance.ts';
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
