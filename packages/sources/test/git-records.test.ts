import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSources } from '../src/index.ts';
import { fileList } from '../src/listing.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'svc-records-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Names around the bytes that order paths: what sorts just before and after `/`, tabs, spaces, and more than one byte. */
const NAMES = ['a', 'a-', 'a.b', 'a0', 'b', 'b\tc', 'b c', '? d', 'é', '\u{1f600}', '\uff5e', 'H 1'];

/** A generator of numbers from 0 to 1 that gives the same ones for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function somePaths(next: () => number): string[] {
  const name = () => NAMES[Math.floor(next() * NAMES.length)] ?? 'a';
  const all = new Set<string>();
  for (let count = 0; count < 60; count++) {
    const path = Array.from({ length: 1 + Math.floor(next() * 3) }, name).join('/');
    // A name is a folder or a file, not both.
    const clashes = [...all].some(other => other.startsWith(`${path}/`) || path.startsWith(`${other}/`));
    if (!clashes) all.add(path);
  }
  return [...all];
}

describe('files found in the answer of git as it came', () => {
  it.each([1, 2, 3, 4, 5, 6])('are those of a plain list, whatever their names (seed %i)', async seed => {
    const next = numbers(seed);
    const paths = somePaths(next);
    for (const path of paths) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, stdio: 'pipe' });
    git('init', '-q');
    const tracked = paths.filter(() => next() < 0.6);
    if (tracked.length > 0) git('--literal-pathspecs', 'add', '--', ...tracked);

    const sources = await openSources(root);
    const expected = fileList(paths);
    const folders = new Set(
      paths.flatMap(path => path.split('/').map((_, at, all) => all.slice(0, at).join('/'))),
    );
    for (const folder of ['.', ...folders, ...NAMES, ...paths]) {
      const asked = folder === '' ? '.' : folder;
      expect(await sources.files([asked])).toEqual(expected.below(asked));
      expect(await sources.filesDirectlyIn(asked)).toEqual(expected.directlyIn(asked));
    }
    expect(sources.decidedBy).toBe('git');
    expect((await sources.files(['.'])).length).toBe(paths.length);
  });

  it('honours a .vercelignore in any folder, also for files that are asked for one folder at a time', async () => {
    for (const [path, text] of Object.entries({
      'a/.vercelignore': 'gone\n',
      'a/gone': '',
      'a/kept': '',
      'b/gone': '',
    })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    execFileSync('git', ['init', '-q'], { cwd: root });
    const sources = await openSources(root, { ignoredSoon: true });
    expect(await sources.filesDirectlyIn('a')).toEqual(['a/.vercelignore', 'a/kept']);
    expect(await sources.files(['b'])).toEqual(['b/gone']);
    expect(await sources.ignored()).toEqual(['.git/', 'a/gone']);
  });
});
