import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lockfile, manifest, SERVER } from '../builders/rust/test/support/programs.ts';
import { build, projectOf, svc } from './support/cli.ts';

const has = (program: string, ...args: string[]) => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return (process.env.CI ?? '') !== '';
  }
};

const SERVICES: readonly (readonly [string, boolean, Readonly<Record<string, string>>])[] = [
  [
    'Go',
    has('go', 'version'),
    { 'go.mod': 'module example.com/api\n\ngo 1.21\n', 'main.go': 'package main\n\nfunc main() {}\n' },
  ],
  [
    'Python',
    has('python3', '--version'),
    {
      'app.py': 'def app(environ, start_response):\n    start_response("200 OK", [])\n    return []\n',
    },
  ],
  [
    'Rust',
    has('cargo', '--version'),
    {
      'Cargo.toml': manifest('api'),
      'Cargo.lock': lockfile('api'),
      'src/main.rs': SERVER,
      '.gitignore': 'target\n',
    },
  ],
];

describe('built in the checkout itself (--isolation none)', () => {
  for (const [language, isThere, files] of SERVICES) {
    it.skipIf(!isThere)(`${language}: what the builder keeps is no source of the next build`, async () => {
      const project = await projectOf({
        'vercel.json': { services: { api: { root: '.' } } },
        ...files,
      });
      execFileSync('git', ['init', '-q'], { cwd: project });
      const inputs = async () => {
        const { stdout } = await svc(['plan', '--json'], { cwd: project });
        return JSON.parse(stdout).services[0].inputs.count;
      };
      const before = await inputs();
      await build(project, ['--isolation', 'none']);
      expect(await inputs()).toBe(before);
    });
  }
});
