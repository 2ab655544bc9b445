import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { assemble, readDeployment, verifyDeployment } from '../src/index.ts';
import { bundled, runBundle } from './support/child.ts';
import { requestFor, serviceFiles, temporaryFolder } from './support/project.ts';
import { failuresIn, treeOf, valueIn } from './support/results.ts';

/** A deployment of `web` and `api`, of which `api` is to be kept unread. */
async function deployed() {
  const folder = await temporaryFolder();
  const first = requestFor(folder, { web: serviceFiles('web'), api: serviceFiles('api') });
  valueIn(await assemble(first));
  const { outputs } = requestFor(folder, { web: serviceFiles('web2') });
  const next = { ...first, outputs, kept: ['api'], intact: new Set(['api']) };
  return { ...first, folder, next, beside: () => readdirSync(dirname(first.target)) };
}

it('a service that is kept unread is moved, and the deployment is the one that it is when it is read', async () => {
  const { target, next, beside } = await deployed();
  const stateOf = (path: string) => {
    const { ino, ctimeNs, mtimeNs } = statSync(join(target, path), { bigint: true });
    return { ino, ctimeNs, mtimeNs };
  };
  const before = stateOf('services/api/static/index.html');
  const { manifest, moved, previousGone } = valueIn(await assemble(next));
  await previousGone;
  expect([...moved]).toEqual(['api']);
  expect(stateOf('services/api/static/index.html')).toEqual(before);
  expect(valueIn(await readDeployment(target)).manifest).toEqual(manifest);
  expect(beside()).toEqual(['output']);
  const plain = await deployed();
  expect(valueIn(await assemble({ ...plain.next, intact: new Set() })).manifest.tree).toBe(manifest.tree);
  expect(treeOf(target)).toEqual(treeOf(plain.target));
});

it('a service that fails its checks leaves the deployment as it was, and nothing beside it', async () => {
  const { target, next, beside } = await deployed();
  const [web] = next.outputs;
  if (!web) throw new Error('there is no output of web');
  rmSync(join(web.directory, 'config.json'));
  const before = { tree: treeOf(target), names: beside() };
  expect(failuresIn(await assemble(next))).toMatchObject([{ code: 'deployment-invalid' }]);
  expect({ tree: treeOf(target), names: beside() }).toEqual(before);
});

it('a kept service whose folder cannot be moved is copied', async context => {
  const { folder, target, beside } = await deployed();
  const program = await bundled(folder, 'keep-api.ts');
  // Nobody can move a mount point away; in a namespace of its own it is one for nobody else.
  const script = 'mount --bind "$1" "$1" && exec "$2" "$3" "$4" "$5"';
  const api = join(target, 'services/api');
  const args = [api, process.execPath, program, join(folder, 'again'), target];
  let told: string;
  try {
    told = execFileSync('unshare', ['--map-root-user', '--mount', 'sh', '-c', script, 'sh', ...args], {
      encoding: 'utf8',
    });
  } catch (error) {
    if (process.env.CI) throw error;
    return context.skip(`no mount namespace can be made here: ${(error as Error).message}`);
  }
  expect(JSON.parse(told)).toEqual({ ok: true, moved: [] });
  valueIn(await verifyDeployment(target));
  expect(readFileSync(join(target, 'services/web/static/index.html'), 'utf8')).toContain('web3');
  expect(readFileSync(join(api, 'static/index.html'), 'utf8')).toContain('api');
  // What could not be deleted while it was a mount point is the next run's to delete.
  await runBundle(program, [join(folder, 'once more'), target]);
  expect(beside()).toEqual(['output']);
});
