import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY, type Started, start, svc, temporaryFolder, writeFiles } from './support/cli.ts';

const DOCUMENT = join(REPOSITORY, 'docs', 'writing-a-builder.md');
const isThere = spawnSync('luac5.4', ['-v']).status === 0;
const started: Started[] = [];
let project: string;

/** A project outside of this repository, with svc installed from its own package. */
beforeAll(async () => {
  const packed = await temporaryFolder();
  const pack = ['pack', '--workspace', 'packages/cli', '--pack-destination', packed];
  execFileSync('npm', pack, { cwd: REPOSITORY, stdio: 'pipe' });
  const [tarball = ''] = await readdir(packed);
  project = join(await temporaryFolder(), 'project');
  await writeFiles(project, {
    'package.json': { private: true },
    '.gitignore': 'node_modules/\n.svc/\n.vercel/\n',
  });
  const install = [
    'install',
    '--save-dev',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    join(packed, tarball),
  ];
  execFileSync('npm', install, { cwd: project, stdio: 'pipe' });
});
afterAll(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  await Promise.all(started.map(({ ended }) => ended));
});

/** The document's fenced blocks in order: files to write, and commands to run. */
function blocks(): { readonly info: string; readonly text: string }[] {
  return [...readFileSync(DOCUMENT, 'utf8').matchAll(/^```([^\n]+)\n(.*?)^```$/gms)].map(
    ([, info = '', text = '']) => ({ info, text }),
  );
}

function shell(line: string): SpawnSyncReturns<string> {
  return spawnSync('sh', ['-ec', line], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
}

async function ask(path: string): Promise<string> {
  const program = start(['start', '--port', '0'], { cwd: project });
  started.push(program);
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer) => {
      text += chunk;
      const [, found] = /(http:\/\/[^\s"]+)/.exec(text) ?? [];
      if (found) resolve(found);
    };
    program.child.stdout?.on('data', look);
    program.child.stderr?.on('data', look);
    void program.ended.then(end => reject(new Error(`svc start ended with ${end.code}: ${end.stderr}`)));
  });
  return (await fetch(`${url}${path}`)).text();
}

it.skipIf(!isThere && !process.env.CI)(
  'docs/writing-a-builder.md leads from nothing to a builder for Lua that passes conformance and serves (needs lua5.4)',
  async () => {
    const ran: string[] = [];
    for (const { info, text } of blocks()) {
      const [, file] = /\bfile=(\S+)/.exec(info) ?? [];
      if (file !== undefined) {
        await mkdir(dirname(join(project, file)), { recursive: true });
        await writeFile(join(project, file), text);
      } else if (info === 'sh run') {
        const end = shell(text);
        expect(end.status, `${text}\n${end.stdout}\n${end.stderr}`).toBe(0);
        ran.push(end.stdout);
      }
    }
    const tests = ran.filter(output => /^# pass \d+/m.test(output));
    expect(tests.map(output => /^# fail (\d+)/m.exec(output)?.[1])).toEqual(['0', '0']);
    expect(tests.map(output => /^# skipped (\d+)/m.exec(output)?.[1])).toEqual(['0', '0']);
    expect(ran.join('\n')).toMatch(/builder\s+lua\n\s+entrypoint\s+index\.lua/);
    expect(await ask('/anything')).toBe('Hello from Lua, GET /anything\n');
    const folder = join(project, '.vercel/output/services/greeting/functions/index.func');
    expect((await readFile(join(folder, 'app', 'index.lua'))).subarray(0, 4).toString('latin1')).toBe(
      '\x1bLua',
    );
  },
);

describe('svc builder new', () => {
  it('makes a builder that type checks against the declarations that svc ships, and overwrites nothing', async () => {
    const made = await svc(['builder', 'new', 'checked', '--dir', 'made/checked'], { cwd: project });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain('"builder": "./made/checked"');
    const types = join(project, 'node_modules', '@types');
    await mkdir(types, { recursive: true });
    await symlink(join(REPOSITORY, 'node_modules', '@types', 'node'), join(types, 'node'));
    await symlink(
      join(REPOSITORY, 'node_modules', 'undici-types'),
      join(project, 'node_modules', 'undici-types'),
    );
    const files = ['index.mjs', 'tools/bundle.mjs', 'test/conformance.test.mjs'].map(file =>
      join('made/checked', file),
    );
    const options = [
      '--noEmit',
      '--allowJs',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
    ];
    const tsc = spawnSync(
      process.execPath,
      [join(REPOSITORY, 'node_modules/typescript/bin/tsc'), ...options, ...files],
      {
        cwd: project,
        encoding: 'utf8',
      },
    );
    expect(tsc.stdout).toBe('');
    const again = await svc(['builder', 'new', 'checked', '--dir', 'made/checked'], { cwd: project });
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('made/checked is there already'),
    });
    await rm(join(project, 'made'), { recursive: true });
  });

  it.each([
    [['builder'], 'svc builder needs a word'],
    [['builder', 'old', 'x'], 'svc builder cannot "old"'],
    [['builder', 'new'], 'the new builder needs a name'],
    [['builder', 'new', '../x'], "cannot be a builder's name"],
    [['builder', 'new', 'node'], "one of svc's own builders"],
  ])('%j is answered with what it takes', async (args, message) => {
    const ended = await svc(args, { cwd: project });
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});
