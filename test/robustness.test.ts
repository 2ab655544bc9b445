import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { build, projectOf, start, svc } from './support/cli.ts';

const INTERRUPTIONS = 20;

// Waits and works by turns, in children of children, one of which leaves its session.
const SLOW =
  'mkdir -p dist; (setsid sh -c "sleep 30" &); for i in $(seq 20); do sleep 0.02 & wait $!; echo $i | tee -a dist/log.txt; done; echo new > dist/index.html';

function project(build: string): Promise<string> {
  const services = Object.fromEntries(
    ['a', 'b', 'c'].map(name => [name, { root: name, buildCommand: build, outputDirectory: 'dist' }]),
  );
  return projectOf({
    'vercel.json': {
      services,
      rewrites: ['a', 'b', 'c'].map(name => ({ source: `/${name}`, destination: { service: name } })),
    },
    'a/source.txt': '',
    'b/source.txt': '',
    'c/source.txt': '',
    '.gitignore': 'dist/\n',
  });
}

describe('interrupted builds', () => {
  let directory: string;
  let before: string;
  beforeAll(async () => {
    directory = await project('mkdir -p dist; echo old > dist/index.html');
    await build(directory);
    before = treeOf(join(directory, '.vercel'));
    const config = readFileSync(join(directory, 'vercel.json'), 'utf8');
    writeFileSync(
      join(directory, 'vercel.json'),
      config.replaceAll(JSON.stringify('mkdir -p dist; echo old > dist/index.html'), JSON.stringify(SLOW)),
    );
  });

  it.each(['auto', 'copy'])(
    `SIGINT at ${INTERRUPTIONS} moments leaves no process, no lock, no half-written output (%s)`,
    async isolation => {
      for (let moment = 0; moment < INTERRUPTIONS; moment++) {
        const { child, ended } = start(['build', '--isolation', isolation, '--json'], { cwd: directory });
        // The moments are counted in what svc says, so they fall between the same steps on any machine; the first ones
        // fall before it has said anything.
        let heard = 0;
        child.stdout?.on('data', chunk => {
          if (heard >= moment * 3.4) return;
          heard += String(chunk).split('\n').length - 1;
          if (heard >= moment * 3.4) child.kill('SIGINT');
        });
        if (moment === 0) child.kill('SIGINT');
        const end = await ended;
        if (end.signal === null) expect(end.code, end.stderr).toBe(130);
        else expect([moment, end.signal]).toEqual([0, 'SIGINT']);
        await expect.poll(() => processesIn(directory), { message: `after moment ${moment}` }).toEqual([]);
        expect(treeOf(join(directory, '.vercel')), `after moment ${moment}`).toBe(before);
      }
    },
  );

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends it with %i', async (signal, code) => {
    const { child, ended } = start(['build', '--json'], { cwd: directory });
    child.stdout?.on('data', chunk => String(chunk).includes('step.output') && child.kill(signal));
    expect((await ended).code).toBe(code);
    await expect.poll(() => processesIn(directory)).toEqual([]);
  });

  it('SIGKILL of svc itself leaves no process, and the next build is a good one', async () => {
    const { child, ended } = start(['build', '--json'], { cwd: directory });
    child.stdout?.on('data', chunk => String(chunk).includes('step.output') && child.kill('SIGKILL'));
    expect((await ended).signal).toBe('SIGKILL');
    await expect.poll(() => processesIn(directory)).toEqual([]);
    expect(treeOf(join(directory, '.vercel/output'))).toContain('old');
    await build(directory);
    expect(readFileSync(join(directory, '.vercel/output/services/b/static/index.html'), 'utf8')).toBe(
      'new\n',
    );
    expect(readdirSync(join(directory, '.vercel'))).toEqual(['output']);
  });
});

describe('failing builds', () => {
  it('leave the last good deployment, name the service, show its last lines last, and say how to go on', async () => {
    const directory = await project(
      'test -e fail && { echo cannot find the flux capacitor >&2; exit 3; }; mkdir -p dist; echo fine > dist/index.html',
    );
    await build(directory);
    const before = treeOf(join(directory, '.vercel'));
    execFileSync('touch', [join(directory, 'b/fail')]);
    const { code, stderr, stdout } = await svc(['build'], { cwd: directory });
    expect(code).toBe(30);
    expect(stdout).toBe('');
    const lines = stderr.trimEnd().split('\n');
    const failure = stderr.lastIndexOf('cannot find the flux capacitor');
    expect(failure).toBeGreaterThan(stderr.lastIndexOf('→'));
    expect(lines.slice(-12).join('\n')).toContain('svc build --filter b');
    expect(treeOf(join(directory, '.vercel'))).toBe(before);

    execFileSync('rm', [join(directory, 'b/fail')]);
    const events = await build(directory, ['--filter', 'b']);
    expect(events.filter(({ type }) => type === 'service.kept')).toHaveLength(2);
  });

  it('two builds of one checkout at a time: the second says who holds it', async () => {
    const directory = await project('mkdir -p dist; echo x > dist/index.html; test -e wait && sleep 5; true');
    execFileSync('touch', [join(directory, 'a/wait')]);
    const first = start(['build', '--json'], { cwd: directory });
    await new Promise<void>(resolve =>
      first.child.stdout?.on('data', chunk => String(chunk).includes('step.started') && resolve()),
    );
    const second = await svc(['build'], { cwd: directory });
    expect(second.code).toBe(40);
    expect(second.stderr).toContain(String(first.child.pid));
    first.child.kill('SIGINT');
    await first.ended;
    expect(existsSync(join(directory, '.vercel/output'))).toBe(false);
  });
});

function treeOf(folder: string): string {
  return execFileSync(
    '/bin/sh',
    ['-c', 'find . -printf "%y %m %p %l\\n" | sort; find . -type f | sort | xargs -r cat'],
    { cwd: folder },
  ).toString();
}

/** Processes that were started for a build of this project, wherever they have got to since. */
function processesIn(directory: string): string[] {
  return readdirSync('/proc').flatMap(pid => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const state = /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      return state !== 'Z' && environment.includes(`HOME=${directory}/.svc`)
        ? [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`]
        : [];
    } catch {
      return [];
    }
  });
}
