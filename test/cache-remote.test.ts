import { afterAll, beforeAll, expect, it } from 'vitest';
import { findReapiServers } from '../packages/cache/test/support/reapi-servers.ts';
import { startTurborepoServer, type TestServer, TOKEN } from '../packages/cache/test/support/servers.ts';
import { cachedProject, outcomes, treeOf } from './support/cached-project.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTurborepoServer();
});
afterAll(() => server.stop());

const KEY = 'a key that a whole team knows and that is long enough';

it('a team’s machines share results, signed, through a Turborepo server', async () => {
  const team = {
    TURBO_API: `http://127.0.0.1:${server.port}`,
    TURBO_TOKEN: TOKEN,
    TURBO_TEAM: 'team',
    SVC_CACHE_KEY: KEY,
  };
  const one = await cachedProject();
  await one.build([], { ...team, COLOR: 'red' });
  const two = await cachedProject();
  const events = await two.build([], { ...team, COLOR: 'red' });
  expect(outcomes(events)).toEqual({ web: 'restored', api: 'restored', docs: 'restored' });
  expect(events.filter(event => event.type === 'cache.hit').map(event => event.from)).toEqual([
    'remote',
    'remote',
    'remote',
  ]);
  expect(treeOf(`${two.folder}/.vercel/output`)).toEqual(treeOf(`${one.folder}/.vercel/output`));
  expect(await two.explain('web')).toMatch(
    /Looking in the remote cache took \d+ round trips and [\d.]+ kB\./,
  );

  const stranger = await cachedProject();
  const refused = await stranger.build([], { ...team, COLOR: 'red', SVC_CACHE_KEY: `another ${KEY}` });
  expect(outcomes(refused)).toEqual({ web: 'built', api: 'built', docs: 'built' });

  const reader = await cachedProject();
  const own = await reader.build(['--cache', 'remote:r'], { ...team, COLOR: 'red' });
  expect(outcomes(own)).toEqual({ web: 'restored', api: 'restored', docs: 'restored' });
});

it('a remote cache that is not there fails nothing', async () => {
  const project = await cachedProject();
  const gone = { TURBO_API: 'http://127.0.0.1:1', TURBO_TOKEN: TOKEN, TURBO_TEAM: 'team' };
  const events = await project.build([], gone);
  expect(outcomes(events)).toEqual({ web: 'built', api: 'built', docs: 'built' });
  expect(events.filter(event => event.type === 'cache.rejected')[0]).toMatchObject({ from: 'remote' });
});

it.each(findReapiServers())(
  'results come back from $name, spoken to by the bundled program',
  async ({ start }) => {
    const reapi = await start();
    try {
      const team = { SVC_REMOTE_CACHE_URL: `grpc://127.0.0.1:${reapi.port}`, SVC_CACHE_KEY: KEY };
      await (await cachedProject()).build([], team);
      const events = await (await cachedProject()).build([], team);
      expect(outcomes(events)).toEqual({ web: 'restored', api: 'restored', docs: 'restored' });
    } finally {
      await reapi.stop();
    }
  },
);
