import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assemble, lockOutput, readDeployment, recoverOutput, verifyDeployment } from '../src/index.ts';
import { newOwner, UNSEEN_GRACE } from '../src/owner.ts';
import { newSiblings } from '../src/siblings.ts';
import { bundled, endOf } from './support/child.ts';
import { requestFor, serviceFiles, temporaryFolder, writeFiles } from './support/project.ts';
import { valueIn } from './support/results.ts';

describe('a run that is killed while it assembles', () => {
  it('leaves the last deployment or the new one, whole, at whatever change of the file system it dies', async () => {
    // Exactly one point lies between the two renames.
    expect(await killedEverywhere([])).toEqual({ restored: 1 });
  });

  it('gives the last deployment back what it has taken over from it', async () => {
    // Between the renames are those of the kept services.
    expect(await killedEverywhere(['api', 'docs'])).toEqual({ restored: 3 });
  });
});

/**
 * Replaces a deployment of `web`, `api` and `docs`, of which some are kept unread, by processes that die one change of the file
 * system later each time, until one gets through. Counts how often the old deployment had to be brought back.
 */
async function killedEverywhere(kept: readonly string[]) {
  const folder = await temporaryFolder();
  const program = await bundled(folder, 'die-while-assembling.ts');
  const target = join(folder, 'output');
  const others = Object.fromEntries(kept.map(name => [name, serviceFiles(`${name}-old`)]));
  const makeOld = async () => {
    const trees = { web: serviceFiles('old'), api: serviceFiles('api-old'), ...others };
    const { manifest } = valueIn(await assemble(requestFor(join(folder, 'old'), trees, { target })));
    return manifest.id;
  };
  const oldId = await makeOld();
  const ids: string[] = [];
  let restored = 0;
  let done = false;
  for (let changes = 0; !done; changes++) {
    // After a run that got as far as the swap, the new one is "the last deployment": begin from the old one again.
    if (ids.at(-1) !== oldId && ids.length > 0) await makeOld();
    const project = join(folder, `project-${changes}`);
    const ended = await endOf(program, [project, target, String(changes), ...kept]);
    expect([0, null]).toContain(ended.code);
    done = ended.stdout === 'done';
    if (!done) expect(ended.signal).toBe('SIGKILL');
    restored += Number(valueIn(await recoverOutput(target)).restored);
    ids.push(valueIn(await verifyDeployment(target)).id);
    expect(readdirSync(folder).filter(name => name.startsWith('output'))).toEqual(['output']);
  }
  const newId = ids.at(-1);
  expect(newId).not.toBe(oldId);
  expect(ids.filter(id => id !== oldId && id !== newId)).toEqual([]);
  expect(ids.length).toBeGreaterThan(15);
  return { restored };
}

describe('what is found beside an output', () => {
  it('is left alone when its process is alive', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'output');
    const { fresh, previous } = newSiblings(target);
    writeFiles(fresh, { 'config.json': '{}' });
    writeFiles(previous, { 'config.json': '{}' });
    expect(valueIn(await recoverOutput(target))).toEqual({ restored: false, removed: 0 });
    expect(existsSync(fresh) && existsSync(previous)).toBe(true);
  });

  it('belongs to a dead process when the pid has been used again since', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'output');
    const { boot, space } = newOwner();
    writeFiles(join(folder, `output.${process.pid}-1-${boot}-${space}-00000000.tmp`), { a: '' });
    writeFiles(join(folder, `output.${process.pid}-1-00000000-${space}-00000001.old`), { a: 'last' });
    writeFiles(folder, { 'output.notes/a': '', 'output.1-2-3-4-5.tmp': '' });
    expect(valueIn(await recoverOutput(target))).toEqual({ restored: true, removed: 1 });
    expect(readFileSync(join(target, 'a'), 'utf8')).toBe('last');
    expect(readdirSync(folder).sort()).toEqual(['output', 'output.1-2-3-4-5.tmp', 'output.notes']);
  });

  it('of a process that cannot be seen from here counts as dead when it is old', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'output');
    const path = join(folder, 'output.77-1-00000000-ffffffff-00000000.tmp');
    mkdirSync(path);
    expect(valueIn(await recoverOutput(target))).toEqual({ restored: false, removed: 0 });
    const then = new Date(Date.now() - UNSEEN_GRACE - 1000);
    utimesSync(path, then, then);
    expect(valueIn(await recoverOutput(target))).toEqual({ restored: false, removed: 1 });
  });

  it('is cleaned up by the next build, which then finds the last output again', async () => {
    const folder = await temporaryFolder();
    const first = requestFor(folder, { web: serviceFiles('web'), api: serviceFiles('api') });
    valueIn(await assemble(first));
    const { boot, space } = newOwner();
    renameSync(first.target, `${first.target}.1999999-5-${boot}-${space}-0123abcd.old`);
    const { outputs } = requestFor(folder, { web: serviceFiles('web2') });
    await valueIn(await assemble({ ...first, outputs, kept: ['api'] })).previousGone;
    expect(readdirSync(join(folder, '.vercel'))).toEqual(['output']);
    expect(valueIn(await readDeployment(first.target)).manifest.services.map(({ name }) => name)).toEqual([
      'web',
      'api',
    ]);
  });

  it('is nothing when there is no folder at all', async () => {
    const folder = await temporaryFolder();
    expect(valueIn(await recoverOutput(join(folder, 'none/output')))).toEqual({
      restored: false,
      removed: 0,
    });
  });
});

describe('a lock left over', () => {
  it('that was never written out is taken over once it is old', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'output');
    writeFileSync(`${target}.lock`, '');
    expect(await lockOutput(target)).toMatchObject({ ok: false, failures: [{ code: 'output-in-use' }] });
    const then = new Date(Date.now() - UNSEEN_GRACE - 1000);
    utimesSync(`${target}.lock`, then, then);
    valueIn(await lockOutput(target)).release();
    expect(readdirSync(folder)).toEqual([]);
  });
});
