import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assemble, packDeployment, readDeployment, unpackArchive, verifyDeployment } from '../src/index.ts';
import { bundled, runBundle } from './support/child.ts';
import { type Files, requestFor, serviceFiles, temporaryFolder } from './support/project.ts';
import { failuresIn, treeOf, valueIn } from './support/results.ts';

const LONG = `static/${'deep/'.repeat(30)}${'name'.repeat(40)}.txt`;
const TREES: Record<string, Files> = {
  web: {
    ...serviceFiles('web'),
    'static/run.sh': { text: '#!/bin/sh\n', mode: 0o755 },
    'static/größe/naïve.html': 'ä',
    [LONG]: 'far away',
    'static/empty.txt': '',
  },
  api: { ...serviceFiles('api'), 'static/big.bin': Buffer.alloc(700_000, 'block of text ') },
};

async function deployment(folder: string, trees = TREES): Promise<string> {
  return valueIn(await assemble(requestFor(folder, trees))).directory;
}

const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe.each(['tgz', 'tar.zst'] as const)('an archive of the format %s', format => {
  it('unpacks to the same deployment', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    const file = join(folder, `out/app.${format}`);
    const packed = valueIn(await packDeployment({ directory, file, format }));
    const { manifest } = valueIn(await readDeployment(directory));
    expect(packed).toEqual({
      file,
      id: manifest.id,
      files: Object.keys(manifest.files).length,
      size: readFileSync(file).length,
    });
    expect(valueIn(await verifyDeployment(file))).toEqual({ id: manifest.id, files: packed.files });
    const to = join(folder, 'unpacked/here');
    expect(valueIn(await unpackArchive({ file, to }))).toEqual({ directory: to, manifest });
    expect(treeOf(to)).toEqual(treeOf(directory));
    expect(valueIn(await verifyDeployment(to))).toEqual({ id: manifest.id, files: packed.files });
    expect(readdirSync(join(folder, 'out'))).toEqual([`app.${format}`]);
    expect(readdirSync(join(folder, 'unpacked'))).toEqual(['here']);
  });

  it('begins with the manifest and is sorted by bytes; ordinary tools read it', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    const file = join(folder, `app.${format}`);
    valueIn(await packDeployment({ directory, file, format }));
    const decompress = format === 'tgz' ? '-z' : '--zstd';
    const listed = execFileSync('tar', [decompress, '--quoting-style=literal', '-tf', file], {
      encoding: 'utf8',
    });
    const names = listed.trim().split('\n');
    expect(names[0]).toBe('deployment.json');
    const rest = names.slice(1);
    expect(rest).toEqual([...rest].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    const to = join(folder, 'by-tar');
    mkdirSync(to);
    execFileSync('tar', [decompress, '-xf', file, '-C', to]);
    expect(valueIn(await verifyDeployment(to)).id).toMatch(/^dpl_/);
  });

  it('has the same bytes whatever the umask, time zone, locale and order of creation: 20 of 20', async () => {
    const folder = await temporaryFolder();
    const program = await bundled(folder, 'pack-once.ts');
    const digests = new Set<string>();
    const zones = ['UTC', 'Asia/Tokyo', 'America/New_York', 'Europe/Berlin'];
    const locales = ['C', 'de_DE.UTF-8', 'tr_TR.UTF-8', 'ja_JP.UTF-8', 'en_US.UTF-8'];
    for (let round = 0; round < 20; round++) {
      const file = join(folder, `${round}.${format}`);
      await runBundle(program, [join(folder, `project-${round}`), file, format, String(round)], {
        TZ: zones[round % zones.length] ?? '',
        LANG: locales[round % locales.length] ?? '',
        LC_ALL: locales[round % locales.length] ?? '',
      });
      digests.add(digest(file));
    }
    expect(readdirSync(folder).filter(name => name.endsWith(`.${format}`))).toHaveLength(20);
    expect(digests.size).toBe(1);
  });
});

describe('packing', () => {
  it('takes the time of all entries from SOURCE_DATE_EPOCH', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    const file = join(folder, 'app.tgz');
    valueIn(await packDeployment({ directory, file, format: 'tgz', time: 1_000_000_000 }));
    const listed = execFileSync('tar', ['-tvzf', file], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    for (const line of listed.trim().split('\n')) expect(line).toContain('0/0');
    for (const line of listed.trim().split('\n')) expect(line).toContain('2001-09-09 01:46');
    expect(valueIn(await verifyDeployment(file)).id).toMatch(/^dpl_/);
  });

  it('refuses a deployment that is not what its manifest says, and leaves no archive', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    const file = join(folder, 'out/app.tgz');
    writeFileSync(join(directory, 'services/web/static/index.html'), '<h1>wab</h1>\n');
    const changed = failuresIn(await packDeployment({ directory, file, format: 'tgz' }));
    expect(changed).toMatchObject([
      {
        code: 'deployment-differs',
        message: 'services/web/static/index.html was changed: its content differs',
      },
    ]);
    writeFileSync(join(directory, 'services/web/static/new.html'), '');
    const added = failuresIn(await packDeployment({ directory, file, format: 'tgz' }));
    expect(added).toMatchObject([{ message: 'services/web/static/new.html was added' }]);
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
  });

  it('refuses names that not every machine can hold', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder, {
      web: { ...serviceFiles('web'), 'static/Logo.svg': 'a', 'static/logo.svg': 'b' },
    });
    const failures = failuresIn(
      await packDeployment({ directory, file: join(folder, 'a.tgz'), format: 'tgz' }),
    );
    expect(failures).toMatchObject([
      {
        code: 'output-conflict',
        message:
          'services/web/static/logo.svg cannot be packed: its name differs from services/web/static/Logo.svg only in case or in the form of its characters',
      },
    ]);
  });

  it('refuses to write into the deployment', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    const file = join(directory, 'app.tgz');
    expect(failuresIn(await packDeployment({ directory, file, format: 'tgz' }))[0]?.code).toBe(
      'output-conflict',
    );
    expect(existsSync(file)).toBe(false);
  });

  it('says that zstd is missing where it is', async () => {
    const folder = await temporaryFolder();
    const directory = await deployment(folder);
    const path = process.env.PATH;
    process.env.PATH = join(folder, 'nothing');
    try {
      const failures = failuresIn(
        await packDeployment({ directory, file: join(folder, 'a'), format: 'tar.zst' }),
      );
      expect(failures).toMatchObject([{ code: 'archive-unsupported' }]);
    } finally {
      process.env.PATH = path;
    }
  });
});
