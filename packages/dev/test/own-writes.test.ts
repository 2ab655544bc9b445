import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OwnWrites } from '../src/service/own-writes.ts';

describe('what a build writes among its sources', () => {
  let folder: string;
  let told: string[];
  let writes: OwnWrites;
  /** Seconds. */
  let clock = 1_700_000_000;
  const begin = () => {
    clock++;
    writes.begin();
  };
  const end = () => {
    clock++;
    writes.end();
  };
  const write = (path: string) => {
    const file = join(folder, path);
    writeFileSync(file, '');
    clock++;
    utimesSync(file, clock, clock);
  };
  const build = (during: readonly string[]) => {
    begin();
    for (const path of during) write(path);
    const edited = writes.edited(during);
    end();
    return edited;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'svc-own-writes-'));
    told = [];
    const now = () => clock * 1000;
    writes = new OwnWrites(folder, message => told.push(message), now);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('counts as an edit at first, and no longer once it has changed in every build', () => {
    expect(build(['made.txt'])).toEqual(['made.txt']);
    expect(build(['made.txt', 'main.go'])).toEqual(['made.txt', 'main.go']);
    expect(build(['made.txt', 'main.go'])).toEqual(['main.go']);
    expect(build(['made.txt'])).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^made\.txt changes whenever.*\.gitignore$/)]);
  });

  it('counts as well where it is told of a moment after the build', () => {
    for (let round = 0; round < 3; round++) {
      begin();
      write('made.txt');
      end();
      writes.edited(['made.txt']);
    }
    expect(told).toHaveLength(1);
  });

  it('is an edit where it was written before or behind the build, however near', () => {
    for (let round = 0; round < 5; round++) {
      begin();
      end();
      write('Dockerfile');
      expect(writes.edited(['Dockerfile'])).toEqual(['Dockerfile']);
      write('main.go');
      begin();
      expect(writes.edited(['main.go'])).toEqual(['main.go']);
      end();
    }
    expect(told).toEqual([]);
  });

  it('is an edit whenever it changes without a build', () => {
    build(['main.go']);
    build(['main.go']);
    write('main.go');
    expect(writes.edited(['main.go'])).toEqual(['main.go']);
    expect(build(['main.go'])).toEqual(['main.go']);
    expect(told).toEqual([]);
  });

  it('is an edit where git tracks it: somebody saves often while a slow build runs', () => {
    write('main.go');
    execFileSync('git', ['init', '-q'], { cwd: folder });
    execFileSync('git', ['add', 'main.go'], { cwd: folder });
    for (let round = 0; round < 5; round++) expect(build(['main.go'])).toEqual(['main.go']);
    expect(told).toEqual([]);
  });

  it('that goes away during builds counts as well', () => {
    for (let round = 0; round < 4; round++) {
      begin();
      expect(writes.edited(['gone.txt'])).toEqual(round < 2 ? ['gone.txt'] : []);
      end();
    }
    expect(told).toHaveLength(1);
  });
});
