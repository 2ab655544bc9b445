import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackArchive } from '../src/index.ts';
import { bundled, runBundle } from './support/child.ts';
import { HOSTILE } from './support/hostile.ts';
import { temporaryFolder, writeFiles } from './support/project.ts';
import { archive, declared, rawFile } from './support/raw-tar.ts';
import { failuresIn, valueIn } from './support/results.ts';

/** Everything below a folder: names, kinds, modes, contents. */
function fingerprint(root: string): string {
  const hash = createHash('sha256');
  const walk = (folder: string) => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      const stat = lstatSync(path);
      const content = stat.isFile() ? readFileSync(path) : stat.isSymbolicLink() ? readlinkSync(path) : '';
      hash.update(`${path}\0${stat.mode}\0${stat.size}\0`).update(content);
      if (stat.isDirectory()) walk(path);
    }
  };
  walk(root);
  return hash.digest('hex');
}

describe('a hostile archive', () => {
  it('is tried in at least forty forms', () => {
    expect(Object.keys(HOSTILE).length).toBeGreaterThanOrEqual(40);
  });

  it.each(Object.entries(HOSTILE))('with %s is refused, and nothing is written', async (_, [make, says]) => {
    const folder = await temporaryFolder();
    writeFiles(folder, {
      'canary.txt': 'sings',
      'sub/canary.txt': 'sings too',
      'sub/work/canary.txt': 'as well',
    });
    const file = join(folder, 'hostile.tgz');
    writeFileSync(file, make());
    const before = fingerprint(folder);
    const [failure, ...more] = failuresIn(
      await unpackArchive({ file, to: join(folder, 'sub/work/to/here') }),
    );
    expect(failure?.message).toMatch(says);
    expect(failure?.code).toMatch(/^(archive-hostile|archive-invalid|deployment-differs)$/);
    expect(more).toEqual([]);
    expect(fingerprint(folder)).toBe(before);
  });

  it('is refused into an empty folder, which stays empty', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'hostile.tgz');
    const evil = declared('evil');
    writeFileSync(file, archive({ a: evil, b: evil }, [rawFile('a', 'evil'), rawFile('b', 'live')]));
    mkdirSync(join(folder, 'to'));
    failuresIn(await unpackArchive({ file, to: join(folder, 'to') }));
    expect(readdirSync(folder).sort()).toEqual(['hostile.tgz', 'to']);
    expect(readdirSync(join(folder, 'to'))).toEqual([]);
  });
});

describe('limits', () => {
  it('hold for the number of entries and of bytes', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'many.tgz');
    const names = Array.from({ length: 3000 }, (_, index) => `n${String(index).padStart(5, '0')}`);
    const content = declared('');
    writeFileSync(
      file,
      archive(
        Object.fromEntries(names.map(name => [name, content])),
        names.map(name => rawFile(name, '')),
      ),
    );
    const to = join(folder, 'to');
    const entries = failuresIn(await unpackArchive({ file, to, limits: { maxEntries: 2999 } }));
    expect(entries).toMatchObject([
      { code: 'archive-hostile', message: /declares 3000 entries; 2999 are allowed/ },
    ]);
    expect(readdirSync(folder)).toEqual(['many.tgz']);
  });

  it('keep memory bounded and the folder clean, for a bomb of every kind', async () => {
    const folder = await temporaryFolder();
    const program = await bundled(folder, 'bomb.ts');
    const told = JSON.parse(await runBundle(program, [folder], {}, ['--max-old-space-size=96'])) as {
      kind: string;
      message: string;
      megabytes: number;
      left: string[];
    }[];
    expect(told.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      expect.stringMatching(/^declared: .* are allowed$/),
      expect.stringMatching(/^manifest: .* are allowed$/),
      expect.stringMatching(/^zeros in a file: a was changed: it has 402653184 bytes and must have 4$/),
      expect.stringMatching(/^zeros behind the end: the archive goes on after its end$/),
      expect.stringMatching(/^zeros as declared, with another digest: a was changed: its content differs$/),
      expect.stringMatching(/^entries: .* declares 100001 entries; 100000 are allowed$/),
    ]);
    for (const { left } of told) expect(left).toEqual([]);
    // The last one has a manifest of 13 MB, which is held as bytes, text and objects.
    for (const { kind, megabytes } of told) expect(megabytes).toBeLessThan(kind === 'entries' ? 400 : 250);
  });
});

describe('where an archive is unpacked', () => {
  it('must be a folder that is not there or empty', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'a.tgz');
    writeFileSync(file, archive({ a: declared('x') }, [rawFile('a', 'x')]));
    writeFiles(folder, { 'full/kept.txt': 'kept', 'file.txt': 'a file' });
    for (const to of ['full', 'file.txt']) {
      expect(failuresIn(await unpackArchive({ file, to: join(folder, to) }))).toMatchObject([
        { code: 'output-conflict' },
      ]);
    }
    expect(readFileSync(join(folder, 'full/kept.txt'), 'utf8')).toBe('kept');
    expect(
      failuresIn(await unpackArchive({ file: join(folder, 'none.tgz'), to: join(folder, 'to') })),
    ).toMatchObject([{ code: 'deployment-not-found' }]);
    mkdirSync(join(folder, 'empty'));
    valueIn(await unpackArchive({ file, to: join(folder, 'empty') }));
    expect(readFileSync(join(folder, 'empty/a'), 'utf8')).toBe('x');
  });
});
