import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { assemble, layOutKept, readDeployment } from '../src/index.ts';
import { requestFor, serviceFiles, temporaryFolder } from './support/project.ts';
import { failuresIn, treeOf, valueIn } from './support/results.ts';

/** A deployment of `web` and `api`, of which `api` is to be kept unread. */
async function deployed() {
  const folder = await temporaryFolder();
  const first = requestFor(folder, { web: serviceFiles('web'), api: serviceFiles('api') });
  valueIn(await assemble(first));
  const { outputs } = requestFor(folder, { web: serviceFiles('web2') });
  const intact = new Set(['api']);
  const beside = () => readdirSync(dirname(first.target));
  return { ...first, next: { ...first, outputs, kept: ['api'], intact }, intact, beside };
}

it('a deployment with a part laid out ahead is the one that it is without', async () => {
  const { target, next, intact } = await deployed();
  const inode = statSync(join(target, 'services/api/static/index.html')).ino;
  const ahead = await layOutKept(target, intact);
  const { manifest } = valueIn(await assemble({ ...next, ahead }));
  expect(statSync(join(target, 'services/api/static/index.html')).ino).toBe(inode);
  expect(valueIn(await readDeployment(target)).manifest).toEqual(manifest);
  const plain = await deployed();
  expect(valueIn(await assemble({ ...plain.next, intact: new Set() })).manifest.tree).toBe(manifest.tree);
  expect(treeOf(target)).toEqual(treeOf(plain.target));
});

it('what is laid out is not the deployment before it is assembled, and leaves nothing when it is discarded', async () => {
  const { target, intact, beside } = await deployed();
  const before = { tree: treeOf(target), names: beside() };
  const ahead = await layOutKept(target, intact);
  expect(treeOf(target)).toEqual(before.tree);
  expect(beside()).toHaveLength(before.names.length + 1);
  await ahead?.discard();
  expect({ tree: treeOf(target), names: beside() }).toEqual(before);
});

it('a service that fails its checks leaves the deployment as it was, and nothing beside it', async () => {
  const { target, next, intact, beside } = await deployed();
  const [web] = next.outputs;
  if (!web) throw new Error('there is no output of web');
  rmSync(join(web.directory, 'config.json'));
  const before = { tree: treeOf(target), names: beside() };
  const ahead = await layOutKept(target, intact);
  expect(failuresIn(await assemble({ ...next, ahead }))).toMatchObject([{ code: 'deployment-invalid' }]);
  expect({ tree: treeOf(target), names: beside() }).toEqual(before);
});

it('files keep their modes without being asked for them, whatever the umask', async () => {
  const { target, next, intact } = await deployed();
  const before = process.umask(0o077);
  try {
    valueIn(await assemble({ ...next, ahead: await layOutKept(target, intact) }));
  } finally {
    process.umask(before);
  }
  const mode = (path: string) => (statSync(join(target, path)).mode & 0o7777).toString(8);
  expect([mode('services'), mode('services/api/static'), mode('services/api/static/index.html')]).toEqual([
    '755',
    '755',
    '644',
  ]);
});

it('a deployment that is taken apart meanwhile is not laid out', async () => {
  const { target, intact, beside } = await deployed();
  const names = beside();
  rmSync(join(target, 'services/api/static/index.html'));
  expect(await layOutKept(target, intact)).toBeUndefined();
  expect(beside()).toEqual(names);
  expect(readFileSync(join(target, 'services/api/config.json'), 'utf8')).toContain('version');
});
