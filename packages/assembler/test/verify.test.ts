import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assemble, packDeployment, readDeployment, verifyDeployment } from '../src/index.ts';
import { ARCHIVE_MUTATIONS, DIRECTORY_MUTATIONS, type Parts } from './support/mutations.ts';
import { requestFor, serviceFiles, temporaryFolder } from './support/project.ts';
import { Random } from './support/random.ts';
import { failuresIn, valueIn } from './support/results.ts';

async function deployment(folder: string): Promise<string> {
  const web = { ...serviceFiles('web'), 'static/run.sh': { text: '#!/bin/sh\nexit 0\n', mode: 0o755 } };
  return valueIn(await assemble(requestFor(folder, { web, api: serviceFiles('api') }))).directory;
}

async function partsOf(directory: string): Promise<Parts> {
  const { files } = valueIn(await readDeployment(directory)).manifest;
  const paths = Object.keys(files);
  return {
    files: paths.filter(path => 'sha256' in (files[path] ?? {})),
    links: paths.filter(path => 'link' in (files[path] ?? {})),
    folders: [...new Set(paths.map(path => dirname(path)))].filter(path => path !== '.'),
  };
}

describe('a campaign of mutations', () => {
  it('is caught 50 of 50 times in a directory', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    const parts = await partsOf(directory);
    const random = new Random(20_260_801);
    const kinds = Object.entries(DIRECTORY_MUTATIONS);
    const caught: string[] = [];
    const missed: string[] = [];
    for (let round = 0; round < 50; round++) {
      const [kind, mutate] = kinds[round % kinds.length] ?? [];
      if (!kind || !mutate) throw new Error('no mutation');
      const copy = join(folder, `copy-${round}`);
      cpSync(directory, copy, { recursive: true, verbatimSymlinks: true });
      expect(await verifyDeployment(copy)).toMatchObject({ ok: true });
      mutate(copy, parts, random);
      const result = await verifyDeployment(copy);
      if (!result.ok && result.failures.length === 1) caught.push(kind);
      else missed.push(`${round}: ${kind}`);
      rmSync(copy, { recursive: true });
    }
    expect({ caught: caught.length, missed }).toEqual({ caught: 50, missed: [] });
  });

  it('is caught 50 of 50 times in an archive', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'app.tgz');
    valueIn(await packDeployment({ directory: await deployment(folder), file, format: 'tgz' }));
    const archive = readFileSync(file);
    const random = new Random(20_260_802);
    const kinds = Object.entries(ARCHIVE_MUTATIONS);
    const caught: string[] = [];
    const missed: string[] = [];
    for (let round = 0; round < 50; round++) {
      const [kind, mutate] = kinds[round % kinds.length] ?? [];
      if (!kind || !mutate) throw new Error('no mutation');
      const mutated = mutate(Buffer.from(archive), random);
      expect(mutated.equals(archive)).toBe(false);
      const path = join(folder, 'mutated');
      writeFileSync(path, mutated);
      const result = await verifyDeployment(path);
      if (!result.ok && result.failures.length === 1) caught.push(kind);
      else missed.push(`${round}: ${kind}`);
    }
    expect({ caught: caught.length, missed }).toEqual({ caught: 50, missed: [] });
  });

  it('finds every flipped bit of a manifest', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    const path = join(directory, 'deployment.json');
    const manifest = readFileSync(path);
    let caught = 0;
    for (let index = 0; index < manifest.length; index++) {
      const copy = Buffer.from(manifest);
      copy[index] = (copy[index] ?? 0) ^ (1 << (index % 8));
      writeFileSync(path, copy);
      if (!(await readDeployment(directory)).ok) caught++;
    }
    expect(caught).toBe(manifest.length);
  });
});

describe('the first difference', () => {
  const cases: Record<string, [change: (root: string) => void, says: string]> = {
    'a changed byte': [
      root => writeFileSync(join(root, 'services/web/static/index.html'), '<h1>wEb</h1>\n'),
      'services/web/static/index.html was changed: its content differs',
    ],
    'another size': [
      root => writeFileSync(join(root, 'services/web/static/index.html'), 'short'),
      'services/web/static/index.html was changed: it has 5 bytes and must have 13',
    ],
    'a missing file': [
      root => rmSync(join(root, 'services/api/config.json')),
      'services/api/config.json is missing',
    ],
    'a missing folder': [
      root => rmSync(join(root, 'services/api/static'), { recursive: true }),
      'services/api/static is missing',
    ],
    'an added file': [root => writeFileSync(join(root, 'services/a'), ''), 'services/a was added'],
    'an empty folder': [
      root => mkdirSync(join(root, 'services/web/static/none')),
      'services/web/static/none was added: it is a folder without files',
    ],
    'a lost executable bit': [
      root => chmodSync(join(root, 'services/web/static/run.sh'), 0o644),
      'services/web/static/run.sh was changed: its mode is 644 and must be 755',
    ],
    'a set-id bit': [
      root => chmodSync(join(root, 'services/web/static/run.sh'), 0o4755),
      'services/web/static/run.sh was changed: its mode is 4755 and must be 755',
    ],
    'another link target': [
      root => {
        rmSync(join(root, 'services/web/functions/api/users.func'));
        symlinkSync('/etc', join(root, 'services/web/functions/api/users.func'));
      },
      'services/web/functions/api/users.func was changed: it is a link to /etc and must lead to ../index.func',
    ],
    'a change of content before one of structure': [
      root => {
        writeFileSync(join(root, 'services/api/static/index.html'), '<h1>aPi</h1>\n');
        rmSync(join(root, 'services/web/config.json'));
      },
      'services/api/static/index.html was changed: its content differs',
    ],
    'a change of structure before one of content': [
      root => {
        writeFileSync(join(root, 'services/web/static/index.html'), '<h1>wEb</h1>\n');
        rmSync(join(root, 'services/api/config.json'));
      },
      'services/api/config.json is missing',
    ],
  };

  it.each(Object.entries(cases))('%s is named', async (_, [change, says]) => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    change(directory);
    expect(failuresIn(await verifyDeployment(directory))).toMatchObject([
      { code: 'deployment-differs', message: says },
    ]);
  });

  it('is that the manifest does not agree with itself', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    const path = join(directory, 'deployment.json');
    const text = readFileSync(path, 'utf8');
    const said = async (from: string | RegExp, to: string) => {
      expect(text).toMatch(from);
      writeFileSync(path, text.replace(from, to));
      const [failure] = failuresIn(await verifyDeployment(directory));
      return `${failure?.code}: ${failure?.message.split(': ')[1]}`;
    };
    expect(await said('"total": 1234', '"total": 1235')).toBe(
      'deployment-invalid: "self" is not the digest of the rest of it',
    );
    expect(await said(/"dpl_.{4}/, '"dpl_0000')).toBe('deployment-invalid: "id" does not follow from "tree"');
    expect(await said('"size": 13', '"size": 14')).toBe(
      'deployment-invalid: "self" is not the digest of the rest of it',
    );
    expect(await said('static/index.html', 'static/indeX.html')).toBe(
      'deployment-invalid: "tree" is not the digest of the files it lists',
    );
    expect(await said('\n}', '}')).toBe('deployment-invalid: its text is not as svc writes it');
    expect(await said('"version": 1,', '"version": 2,')).toBe(
      'deployment-invalid: "version" is 2; this svc reads version 1',
    );
    expect(await said('"version": 1,', '')).toContain('deployment-invalid');
    expect(await said('{', '')).toBe('deployment-invalid: it is not valid JSON');
  });

  it('is that there is nothing to verify', async () => {
    const folder = await temporaryFolder();
    expect(failuresIn(await verifyDeployment(join(folder, 'none')))[0]?.code).toBe('deployment-not-found');
    expect(failuresIn(await verifyDeployment(folder))[0]?.code).toBe('deployment-not-found');
    writeFileSync(join(folder, 'notes.txt'), 'no archive');
    expect(failuresIn(await verifyDeployment(join(folder, 'notes.txt')))[0]?.code).toBe('archive-invalid');
  });
});
