import type { Files, ServiceFixture } from '@svc/builder-kit/test-support';
import { describe, expect, it } from 'vitest';
import { movedWorkspace, usedFolders } from '../src/go-work.ts';
import { workshop } from './support/workshop.ts';

const { project } = workshop();
const MOD = 'module example.com/api\n\ngo 1.21\n';
const MAIN = 'package main\n\nfunc main() {}\n';

async function planned(files: Files, fixture?: Partial<ServiceFixture>) {
  const result = await (await project(files)).plan(fixture);
  if (!result.ok) throw new Error(JSON.stringify(result.failures));
  return result.value;
}

async function refused(files: Files, fixture?: Partial<ServiceFixture>) {
  const result = await (await project(files)).plan(fixture);
  if (result.ok) throw new Error('it was planned');
  return result.failures;
}

describe('the program', () => {
  it.each<[string, Files, string]>([
    ['main.go', { 'main.go': MAIN, 'cmd/api/main.go': MAIN }, 'main.go'],
    ['another file of the root', { 'serve.go': MAIN, 'cmd/tool/main.go': MAIN }, 'serve.go'],
    [
      'cmd/api',
      { 'cmd/api/main.go': MAIN, 'cmd/server/main.go': MAIN, 'cmd/x/main.go': MAIN },
      'cmd/api/main.go',
    ],
    ['cmd/server', { 'cmd/server/main.go': MAIN, 'cmd/x/main.go': MAIN }, 'cmd/server/main.go'],
    [
      'the only one, wherever it is',
      {
        'deep/down/start.go': `// Package main starts it.\n/* package other */\n${MAIN}`,
        'deep/down/start_test.go': MAIN,
        'vendor/x/main.go': MAIN,
        'testdata/main.go': MAIN,
        'gen.go': `//go:build ignore\n\n${MAIN}`,
      },
      'deep/down/start.go',
    ],
  ])('is found: %s', async (_, files, expected) => {
    expect((await planned({ 'go.mod': MOD, ...files })).entrypoint).toBe(expected);
  });

  it('is asked for by name where there are several', async () => {
    const [failure] = await refused({ 'go.mod': MOD, 'cmd/one/main.go': MAIN, 'cmd/two/main.go': MAIN });
    expect(failure).toMatchObject({
      code: 'entrypoint-invalid',
      message: 'this Go service has several programs: cmd/one/main.go, cmd/two/main.go',
      help: 'Say which one serves requests: "entrypoint": "cmd/one/main.go".',
      position: { file: 'vercel.json', line: 2 },
    });
  });

  it('that is configured must be one', async () => {
    const files = { 'go.mod': MOD, 'lib/lib.go': '// Words.\n\npackage lib\n', 'cmd/one/main.go': MAIN };
    const [failure] = await refused(files, { entrypoint: 'lib/lib.go' });
    expect(failure).toMatchObject({
      code: 'entrypoint-invalid',
      message: 'the entrypoint lib/lib.go is no program: it is of package lib, not main',
      help: 'The programs of this service are cmd/one/main.go.',
      position: { file: 'lib/lib.go', line: 3 },
    });
    expect((await planned(files, { entrypoint: 'cmd/one/main.go' })).entrypoint).toBe('cmd/one/main.go');
  });

  it('is missing, and so is go.mod', async () => {
    expect(await refused({ 'go.mod': MOD, 'lib.go': 'package lib\n' })).toMatchObject([
      { code: 'entrypoint-not-found', message: expect.stringContaining('no program') },
    ]);
    expect(await refused({ 'main.go': MAIN })).toMatchObject([
      { code: 'entrypoint-not-found', help: 'Make one in .: go mod init example.com/api' },
    ]);
  });
});

describe('other modules and services', () => {
  it('inside the root are not looked at for programs', async () => {
    const files = { 'go.mod': MOD, 'cmd/x/main.go': MAIN, 'other/main.go': MAIN };
    expect((await planned(files, { otherRoots: ['other'] })).entrypoint).toBe('cmd/x/main.go');
    const nested = { ...files, 'other/go.mod': 'module example.com/tools\n' };
    expect((await planned(nested)).entrypoint).toBe('cmd/x/main.go');
  });

  it('that the program is made of are inputs, wherever they lie', async () => {
    const files: Files = {
      'go.work': 'go 1.21\n\nuse (\n\t./services/api\n\t./services/words\n\t./libs/unused\n)\n',
      'services/api/go.mod': `${MOD}\nreplace (\n\texample.com/dates v1.0.0 => ../../libs/dates // ours\n)\n`,
      'services/api/main.go':
        'package main\n\nimport (\n\t"fmt"\n\tw "example.com/words/deep"\n)\n\nfunc main() { fmt.Println(w.A) }\n',
      'services/words/go.mod': 'module example.com/words\n',
      'services/words/deep/a.go': 'package deep\n\nimport "example.com/more"\n\nvar A = more.A\n',
      'libs/unused/go.mod': 'module example.com/unused\n',
      'libs/dates/go.mod': 'module example.com/dates\n',
    };
    expect((await planned(files, { root: 'services/api' })).inputs).toEqual([
      ...['go.work', 'go.work.sum', 'libs/dates', 'services/words'],
    ]);
    const above: Files = {
      'go.mod': MOD,
      'services/api/main.go':
        'package main\n\nimport "example.com/api/internal/one"\n\nfunc main() { one.Run() }\n',
      'internal/one/one.go': 'package one\n\nimport _ "example.com/api/internal/two"\n\nfunc Run() {}\n',
      'internal/two/two.go': 'package two\n',
      'internal/three/three.go': 'package three\n',
    };
    expect((await planned(above, { root: 'services/api' })).inputs).toEqual([
      ...['go.mod', 'go.sum', 'internal/one', 'internal/two', 'vendor'],
    ]);
  });
});

describe('modules', () => {
  it('are found above the root, and in a workspace', async () => {
    const inputOf = async (files: Files, root: string) => {
      const { command } = (await planned(files, { root })).steps.at(-1) ?? {};
      return command?.type === 'tool' ? command.input.module : undefined;
    };
    expect(await inputOf({ 'go.mod': MOD, 'svc/api/main.go': MAIN }, 'svc/api')).toEqual({
      folder: '../..',
      workspace: null,
    });
    const work = { 'go.work': 'go 1.21\nuse ./api\n', 'api/go.mod': MOD, 'api/main.go': MAIN };
    expect(await inputOf(work, 'api')).toEqual({ folder: '.', workspace: '..' });
    expect(await inputOf({ ...work, 'go.work': 'go 1.21\nuse ./other\n' }, 'api')).toEqual({
      folder: '.',
      workspace: null,
    });
  });

  it('that are vendored or need nothing are not downloaded', async () => {
    const labels = async (files: Files) => (await planned(files)).steps.map(({ label }) => label);
    const needing = { 'go.mod': `${MOD}\nrequire example.com/x v1.0.0\n`, 'main.go': MAIN };
    expect(await labels(needing)).toEqual(['go mod download', 'go build ./']);
    expect(await labels({ ...needing, 'vendor/modules.txt': '' })).toEqual(['go build ./']);
    expect(await labels({ 'go.mod': MOD, 'main.go': MAIN })).toEqual(['go build ./']);
  });

  it('of a workspace are read in every form, and moved without those that are not there', () => {
    const text = 'go 1.21\n\nuse ./a // one\nuse (\n\t./b\n\t"./c d"\n)\n\nreplace example.com/x => ./x\n';
    expect(usedFolders(text)).toEqual(['b', 'c d', 'a']);
    expect(movedWorkspace(text, '/repo', ['a'])).toBe(
      'go 1.21\n\n\n\nreplace example.com/x => "/repo/x"\n\nuse "/repo/a"\n',
    );
  });
});

it('keys of functions without effect are told', async () => {
  const { warnings } = await planned(
    { 'go.mod': MOD, 'main.go': MAIN },
    { functions: { '*.go': { memory: 1 }, 'main.go': { memory: 2 }, 'x.go': {} } },
  );
  expect(warnings.map(({ code, message }) => [code, message])).toEqual([
    ['functions-key-unused', expect.stringContaining('stands before it')],
    ['functions-key-unused', expect.stringContaining('matches nothing')],
  ]);
});
