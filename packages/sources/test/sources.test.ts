import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSources } from '../src/index.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'svc-sources-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(files: Record<string, string>, below = root): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(below, path)), { recursive: true });
    writeFileSync(join(below, path), content);
  }
}

function git(...args: string[]): void {
  gitIn(root, ...args);
}

function gitIn(directory: string, ...args: string[]): void {
  const identity = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.com',
    '-c',
    'protocol.file.allow=always',
  ];
  execFileSync('git', [...identity, ...args], { cwd: directory, stdio: 'pipe' });
}

async function filesOf(boundary: string, ...directories: string[]): Promise<readonly string[]> {
  return (await openSources(boundary)).files(directories);
}

async function ignoredOf(boundary: string): Promise<readonly string[]> {
  return (await openSources(boundary)).ignored();
}

describe('a git repository', () => {
  it('takes a file for gone whose folder has become a file', async () => {
    write({ 'deep/b.txt': '', 'a.txt': '' });
    git('init', '-q');
    git('add', '-A');
    rmSync(join(root, 'deep'), { recursive: true });
    writeFileSync(join(root, 'deep'), 'a file now');
    const sources = await openSources(root);
    expect(await sources.files(['.'])).toEqual(['a.txt', 'deep']);
  });

  it('gives what git would commit: tracked and new files, not ignored or deleted ones', async () => {
    write({
      '.gitignore': 'dist/\n*.log\n',
      'a/kept.js': '',
      'a/gone.js': '',
      'a/dist/out.js': '',
      'x.log': '',
    });
    git('init', '-q');
    git('add', '.');
    rmSync(join(root, 'a/gone.js'));
    write({ 'a/new.js': '' });

    expect(await filesOf(root, '.')).toEqual(['.gitignore', 'a/kept.js', 'a/new.js']);
    expect(await ignoredOf(root)).toEqual(['.git/', 'a/dist/', 'x.log']);
  });

  it('restricts the answer to the folders asked for, each file once', async () => {
    write({ 'a/1': '', 'a/b/2': '', 'a-b/3': '', a0: '', c: '' });
    git('init', '-q');
    const sources = await openSources(root);
    expect(await sources.files(['a'])).toEqual(['a/1', 'a/b/2']);
    expect(await sources.files(['a/b', 'c', 'a'])).toEqual(['a/1', 'a/b/2', 'c']);
    expect(await sources.files([])).toEqual([]);
  });

  it('copes with spaces, quotes, newlines and any script in names, and sorts by bytes', async () => {
    const names = ['b/sp ace', 'b/"q"', 'b/new\nline', 'b/café', 'b/\u{1f600}', 'b/\uff5e'];
    write(Object.fromEntries(names.map(name => [name, ''])));
    git('init', '-q');
    git('add', 'b/café');
    const byBytes = [...names].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect(await filesOf(root, 'b')).toEqual(byBytes);
  });

  it('lists links as entries and does not follow them', async () => {
    write({ 'real/file': '' });
    symlinkSync('real', join(root, 'link'));
    symlinkSync('nowhere', join(root, 'dangling'));
    git('init', '-q');
    expect(await filesOf(root, '.')).toEqual(['dangling', 'link', 'real/file']);
  });

  it('leaves out generated folders that nobody ignores, unless they are tracked', async () => {
    write({
      'a/own': '',
      'a/node_modules/x/i.js': '',
      'b/node_modules/y/i.js': '',
      '.vercel/project.json': '{}',
      '.svc/x': '',
    });
    git('init', '-q');
    git('add', '-f', 'b/node_modules', '.vercel');
    expect(await filesOf(root, '.')).toEqual(['a/own', 'b/node_modules/y/i.js']);
    expect(await ignoredOf(root)).toEqual(['.git/', '.svc/', '.vercel/', 'a/node_modules/']);
  });

  it('never collapses a folder that holds an input into one ignored entry', async () => {
    write({
      '.gitignore': 'out/\n',
      'out/forced': '',
      'out/other': '',
      'fresh/only.log': '',
      'fresh/.gitignore': '*.log',
    });
    git('init', '-q');
    git('add', '-f', 'out/forced');
    const files = await filesOf(root, '.');
    const ignored = await ignoredOf(root);
    expect(files).toContain('out/forced');
    expect(ignored).toContain('out/other');
    for (const entry of ignored) {
      if (entry.endsWith('/')) expect(files.filter(file => file.startsWith(entry))).toEqual([]);
    }
  });

  it('counts a file with a merge conflict once', async () => {
    write({ f: 'base\n' });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'base');
    git('checkout', '-qb', 'other');
    write({ f: 'theirs\n' });
    git('commit', '-qam', 'theirs');
    git('checkout', '-q', 'main');
    write({ f: 'ours\n' });
    git('commit', '-qam', 'ours');
    expect(() => git('merge', 'other')).toThrow();
    expect(await filesOf(root, '.')).toEqual(['f']);
  });

  it('knows only the part of a larger repository that it was opened for', async () => {
    write({ 'other/x': '', 'project/.gitignore': 'skip\n', 'project/a/y': '', 'project/skip': '' });
    git('init', '-q');
    git('add', '.');
    expect(await filesOf(join(root, 'project'), '.')).toEqual(['.gitignore', 'a/y']);
    expect(await ignoredOf(join(root, 'project'))).toEqual(['skip']);
  });

  it('treats a project that an outer repository ignores as one without git', async () => {
    write({ '.gitignore': 'tmp/\n', 'tmp/project/a': '', 'tmp/project/node_modules/x': '' });
    git('init', '-q');
    const sources = await openSources(join(root, 'tmp/project'));
    expect(sources.decidedBy).toBe('walk');
    expect(await sources.files(['.'])).toEqual(['a']);
  });

  it('works in a worktree, where .git is a file', async () => {
    write({ 'main/a': '1', 'main/.gitignore': 'junk\n' });
    gitIn(join(root, 'main'), 'init', '-q');
    gitIn(join(root, 'main'), 'add', '.');
    gitIn(join(root, 'main'), 'commit', '-qm', 'first');
    gitIn(join(root, 'main'), 'worktree', 'add', '-q', '../tree');
    write({ 'tree/b': '', 'tree/junk': '' });
    const sources = await openSources(join(root, 'tree'));
    expect(sources.decidedBy).toBe('git');
    expect(await sources.files(['.'])).toEqual(['.gitignore', 'a', 'b']);
    expect(await sources.ignored()).toEqual(['.git', 'junk']);
  });

  it('includes the files of submodules and of nested repositories, each by its own rules', async () => {
    write({ 'lib/code': '', 'lib/.gitignore': 'made\n' });
    gitIn(join(root, 'lib'), 'init', '-q');
    gitIn(join(root, 'lib'), 'add', '.');
    gitIn(join(root, 'lib'), 'commit', '-qm', 'lib');
    write({ 'project/own': '' });
    gitIn(join(root, 'project'), 'init', '-q');
    gitIn(join(root, 'project'), 'submodule', '--quiet', 'add', '../lib', 'sub');
    gitIn(join(root, 'project'), 'clone', '-q', '../lib', 'clone');
    write({ 'project/sub/made': '', 'project/clone/extra': '' });

    const project = join(root, 'project');
    expect(await filesOf(project, '.')).toEqual([
      ...['.gitmodules', 'clone/.gitignore', 'clone/code', 'clone/extra'],
      ...['own', 'sub/.gitignore', 'sub/code'],
    ]);
    expect(await ignoredOf(project)).toEqual(['.git/', 'clone/.git/', 'sub/.git', 'sub/made']);
  });

  it('skips a submodule that was never checked out', async () => {
    write({ 'lib/code': '' });
    gitIn(join(root, 'lib'), 'init', '-q');
    gitIn(join(root, 'lib'), 'add', '.');
    gitIn(join(root, 'lib'), 'commit', '-qm', 'lib');
    write({ 'project/own': '' });
    gitIn(join(root, 'project'), 'init', '-q');
    gitIn(join(root, 'project'), 'submodule', '--quiet', 'add', '../lib', 'sub');
    gitIn(join(root, 'project'), 'add', '.');
    gitIn(join(root, 'project'), 'commit', '-qm', 'with sub');
    gitIn(root, 'clone', '-q', 'project', 'copy');
    expect(await filesOf(join(root, 'copy'), '.')).toEqual(['.gitmodules', 'own']);
  });

  it('lists of a sparse checkout what is on disk', async () => {
    write({ 'a/1': '', 'b/2': '', c: '' });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'all');
    git('sparse-checkout', 'set', 'a');
    write({ 'b/2': 'put back by hand' });
    expect(await filesOf(root, '.')).toEqual(['a/1', 'b/2', 'c']);
  });

  it('is not misled by the variables that a git hook sets', async () => {
    write({ 'project/a': '', 'elsewhere/b': '' });
    gitIn(join(root, 'project'), 'init', '-q');
    gitIn(join(root, 'elsewhere'), 'init', '-q');
    process.env.GIT_DIR = join(root, 'elsewhere/.git');
    try {
      expect(await filesOf(join(root, 'project'), '.')).toEqual(['a']);
    } finally {
      delete process.env.GIT_DIR;
    }
  });

  it('says so when the repository cannot be read, and goes by the ignore files', async () => {
    write({ a: '', '.gitignore': 'b\n', b: '' });
    git('init', '-q');
    git('add', '.');
    write({ '.git/index': 'not an index' });
    const sources = await openSources(root);
    expect(sources.decidedBy).toBe('walk');
    expect(sources.warnings.map(warning => warning.code)).toEqual(['git-unreadable']);
    expect(await sources.files(['.'])).toEqual(['.gitignore', 'a']);
  });
});

describe('.vercelignore', () => {
  for (const withGit of [true, false]) {
    it(`excludes below its folder, ${withGit ? 'with' : 'without'} git`, async () => {
      write({
        '.vercelignore': '/docs\n*.psd\n!keep.psd\n',
        'docs/a/b': '',
        'docs/c': '',
        'web/docs/d': '',
        'x.psd': '',
        'keep.psd': '',
        'web/.vercelignore': 'private/*\n!private/ok\n',
        'web/private/secret': '',
        'web/private/ok': '',
      });
      if (withGit) git('init', '-q');
      expect(await filesOf(root, '.')).toEqual([
        ...['.vercelignore', 'keep.psd', 'web/.vercelignore', 'web/docs/d', 'web/private/ok'],
      ]);
      const ignored = (await ignoredOf(root)).filter(entry => entry !== '.git/');
      expect(ignored).toEqual(['docs/', 'web/private/secret', 'x.psd']);
    });
  }
});

describe('a folder without git', () => {
  it('holds everything but generated folders and what .gitignore files exclude', async () => {
    write({
      '.gitignore': '*.log\n/local\n',
      'a.log': '',
      'local/x': '',
      'sub/local/y': '',
      'sub/.gitignore': '!keep.log\nbuild/\n',
      'sub/keep.log': '',
      'sub/build/z': '',
      'node_modules/dep/i.js': '',
      '.git/config': 'not a repository',
      '.venv/bin/python': '',
      'dist/hand-written.html': '',
    });
    const sources = await openSources(root);
    expect(sources.decidedBy).toBe('walk');
    expect(await sources.files(['.'])).toEqual([
      ...['.gitignore', 'dist/hand-written.html', 'sub/.gitignore', 'sub/keep.log', 'sub/local/y'],
    ]);
    expect(await sources.ignored()).toEqual([
      ...['.git/', '.venv/', 'a.log', 'local/', 'node_modules/', 'sub/build/'],
    ]);
  });

  it('leaves out folders that say of themselves that they were generated', async () => {
    write({
      'target/CACHEDIR.TAG': '',
      'target/debug/x': '',
      'env/pyvenv.cfg': '',
      'env/lib/y': '',
      'src/z': '',
    });
    expect(await filesOf(root, '.')).toEqual(['src/z']);
    expect(await ignoredOf(root)).toEqual(['env/', 'target/']);
  });

  it('lists links as entries and does not follow them', async () => {
    write({ 'real/file': '' });
    symlinkSync('../real', join(root, 'real/loop'));
    expect(await filesOf(root, '.')).toEqual(['real/file', 'real/loop']);
  });

  it('works without a git program', async () => {
    write({ a: '', '.gitignore': 'b\n', b: '' });
    git('init', '-q');
    const path = process.env.PATH;
    process.env.PATH = join(root, 'no-programs');
    try {
      const sources = await openSources(root);
      expect(sources.decidedBy).toBe('walk');
      expect(sources.warnings).toEqual([]);
      expect(await sources.files(['.'])).toEqual(['.gitignore', 'a']);
    } finally {
      process.env.PATH = path;
    }
  });
});
