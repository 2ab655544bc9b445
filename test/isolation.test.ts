import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { build, outputOf, projectOf } from './support/cli.ts';

const ROUNDS = 50;
const TOGETHER = ['a', 'b', 'c', 'd'];
const ALONE = ['w', 'x', 'y', 'z'];

// Prints what a build sees, and leaves marks wherever it can write, for the others to see if they could.
const SPY = `
const { readdirSync, writeFileSync, mkdirSync, appendFileSync } = require('node:fs');
const { join } = require('node:path');
const [me, up] = process.argv.slice(2);
const round = process.env['ROUND_' + me];
const found = [];
(function walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (/^mark-/.test(entry.name)) found.push(path);
    if (entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== '.git') walk(path);
  }
})(join(process.cwd(), up));
for (const folder of [process.env.TMPDIR, '/tmp', process.env.HOME]) for (const name of readdirSync(folder)) if (/^mark-/.test(name)) found.push(join(folder, name));
for (const folder of ['.', '../shared', up, process.env.TMPDIR, '/tmp', process.env.HOME]) {
  try { writeFileSync(join(folder, 'mark-' + me + '-' + round), me); } catch (error) { found.push('cannot write ' + folder + ': ' + error.code); }
}
appendFileSync('../shared/common.txt', me);
mkdirSync('dist', { recursive: true });
writeFileSync('dist/index.html', me + ' ' + round);
const others = Object.keys(process.env).filter(name => /^(ROUND|SECRET)_/.test(name) && !name.endsWith('_' + me));
console.log('SAW ' + JSON.stringify({ marks: found, others, mine: process.env['SECRET_' + me] }));
`;

it(`keeps 8 services apart in ${ROUNDS} rounds: environment, files, temp folders, writes`, async () => {
  const names = [...TOGETHER, ...ALONE];
  const files: Record<string, string | object> = {
    '.gitignore': 'node_modules/\ndist/\n.svc/\n.vercel/\n',
    'spy.cjs': SPY,
    'shared/common.txt': '',
    'group/package.json': { private: true, workspaces: ['*'], dependencies: { 'is-number': '7.0.0' } },
    'svc.json': {
      services: Object.fromEntries(names.map(name => [name, { env: [`ROUND_${name}`, `SECRET_${name}`] }])),
    },
    'vercel.json': {
      services: Object.fromEntries(names.map(name => [name, service(name)])),
      rewrites: names.map(name => ({ source: `/${name}`, destination: { service: name } })),
    },
  };
  for (const name of TOGETHER) {
    Object.assign(files, {
      [`group/${name}/package.json`]: { name, version: '1.0.0' },
      [`group/${name}/mark-own-${name}`]: '',
    });
  }
  for (const name of ALONE) {
    Object.assign(files, {
      [`${name}/package.json`]: { name, version: '1.0.0', dependencies: { 'is-number': '7.0.0' } },
      [`${name}/mark-own-${name}`]: '',
    });
  }
  const project = await projectOf({ ...files, 'group/shared/.keep': '' });
  for (const folder of ['group', ...ALONE])
    execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
      cwd: `${project}/${folder}`,
    });
  commit(project);
  const before = state(project);

  for (let round = 0; round < ROUNDS; round++) {
    const env = Object.fromEntries(
      names.flatMap(name => [
        [`ROUND_${name}`, String(round)],
        [`SECRET_${name}`, `secret-of-${name}`],
      ]),
    );
    const events = await build(project, ['--concurrency', '8'], env);
    for (const name of names) {
      const saw = outputOf(events, `${name}:build`).find(line => line.startsWith('SAW '));
      const { marks, others, mine } = JSON.parse(saw?.slice(4) ?? '{}');
      expect(others, name).toEqual([]);
      expect(mine).toBe(`[SECRET_${name}]`);
      expect(
        marks.filter((path: string) => !path.endsWith(`mark-own-${name}`)),
        `${name} in round ${round}`,
      ).toEqual([]);
      expect(marks, name).toHaveLength(1);
    }
  }
  expect(state(project)).toBe(before);
});

function service(name: string): object {
  const up = TOGETHER.includes(name) ? '../..' : '..';
  return {
    root: TOGETHER.includes(name) ? `group/${name}` : name,
    buildCommand: `node ${up}/spy.cjs ${name} ${up}`,
    outputDirectory: 'dist',
  };
}

function commit(project: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: project });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'project');
}

/** Every file of the checkout with its bytes, mode and time of change, but for svc's own folders. */
function state(project: string): string {
  const script = `find . -mindepth 1 \\( -path ./.svc -o -path ./.vercel -o -path ./.git \\) -prune -o -printf '%y %m %T@ %p\\n' | sort; git status --porcelain`;
  return execFileSync('/bin/sh', ['-c', script], { cwd: project }).toString();
}
