import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build, eventsIn, projectOf, SVC, svc, temporaryFolder } from './support/cli.ts';

const SITE = {
  'vercel.json': {
    services: { site: { root: 'site' } },
    rewrites: [{ source: '/(.*)', destination: { service: 'site' } }],
  },
  'site/index.html': '<h1>hello</h1>\n',
};

describe('the command line', () => {
  it('explains itself', async () => {
    const cwd = await temporaryFolder();
    const overview = await svc(['--help'], { cwd });
    expect(overview.code).toBe(0);
    const commands = [...overview.stdout.matchAll(/^ {2}(\w+) {2,}/gm)].map(match => match[1] ?? '');
    expect(commands).toContain('build');
    for (const command of commands) {
      const help = await svc([command, '--help'], { cwd });
      expect(help.code, command).toBe(0);
      expect(help.stdout, command).toContain(`svc ${command}`);
    }
    expect((await svc(['--version'], { cwd })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('has all of its output read by who is slow, also at the end of a pipe that does not block', async context => {
    if (process.platform !== 'linux') return context.skip('how much a pipe holds is set as on Linux');
    const cwd = await projectOf(SITE);
    // Node makes no such pipes; shells, ssh and other programs do. It holds a page, which is full but for 90 bytes.
    const script = `
import fcntl, os, subprocess, sys, time
read, write = os.pipe()
fcntl.fcntl(write, fcntl.F_SETFL, fcntl.fcntl(write, fcntl.F_GETFL) | os.O_NONBLOCK)
size = fcntl.fcntl(write, 1031, 4096)
os.write(write, b'x' * (size - 90))
child = subprocess.Popen(sys.argv[1:], stdout=write)
os.close(write)
while chunk := os.read(read, 64):
    sys.stdout.buffer.write(chunk)
    time.sleep(0.001)
sys.exit(child.wait())
`;
    const args = ['-c', script, process.execPath, SVC, 'build', '--json'];
    const env = { ...process.env, SVC_CACHE: '', SVC_CACHE_DIR: await temporaryFolder() };
    const run = () => execFileSync('python3', args, { cwd, env, encoding: 'utf8' }).replace(/^x+/, '');
    try {
      execFileSync('python3', ['-c', 'import fcntl; fcntl.F_GETFL']);
    } catch (error) {
      if (process.env.CI) throw error;
      return context.skip('there is no python3 here');
    }
    run();
    const [end] = eventsIn(run());
    expect(end).toMatchObject({ type: 'run.finished', summary: { ok: true, unchanged: true } });
  });

  it('suggests what was meant, on stderr, and ends with 2', async () => {
    const cwd = await projectOf(SITE);
    const calls: [string[], string][] = [
      [['biuld'], 'svc build'],
      [['build', '--isolatoin', 'auto'], '--isolation'],
      [['build', '--isolation', 'perfect'], 'auto, copy, strict, none'],
      [['build', '--concurrency', '0'], 'whole number'],
      [['build', '--filter', 'siet'], '"site"'],
      [['build', '--output'], 'needs a value'],
      [['build', 'a', 'b'], '"b"'],
      [['unpack', 'x'], 'an archive and a folder'],
    ];
    for (const [args, hint] of calls) {
      const { code, stdout, stderr } = await svc(args, { cwd });
      expect(code, args.join(' ')).toBe(2);
      expect(stdout).toBe('');
      expect(stderr, args.join(' ')).toContain(hint);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });

  it('gives the same deployment from any folder of the project', async () => {
    const project = await projectOf({ ...SITE, 'site/deep/er/page.html': 'x' });
    const ids = new Set<string | undefined>();
    for (const cwd of ['.', 'site', 'site/deep/er']) {
      const events = await build(join(project, cwd));
      ids.add(events.flatMap(event => (event.type === 'run.finished' ? [event.summary.deployment] : []))[0]);
    }
    const parent = await build(join(project, '..'), ['project']);
    ids.add(parent.flatMap(event => (event.type === 'run.finished' ? [event.summary.deployment] : []))[0]);
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/^dpl_[0-9a-f]{32}$/);
  });

  it('says in which phase a run failed by its exit code', async () => {
    const broken = await projectOf({ 'vercel.json': '{ "services": ' });
    expect((await svc(['build'], { cwd: broken })).code).toBe(10);
    const undetectable = await projectOf({
      ...SITE,
      'vercel.json': {
        services: { app: { root: 'app' } },
        rewrites: [{ source: '/(.*)', destination: { service: 'app' } }],
      },
      'app/pom.xml': '<project/>',
    });
    const planned = await svc(['build'], { cwd: undetectable });
    expect(planned.code, planned.stderr).toBe(20);
    expect((await svc(['verify'], { cwd: await projectOf(SITE) })).code).toBe(40);
  });

  it('writes nothing but events to stdout with --json, a document with plan --json, and nothing otherwise', async () => {
    const cwd = await projectOf(SITE);
    const json = await svc(['build', '--json'], { cwd });
    expect(eventsIn(json.stdout).at(-1)).toMatchObject({ type: 'run.finished', summary: { ok: true } });
    expect((await svc(['build'], { cwd })).stdout).toBe('');
    const plan = await svc(['plan', '--json'], { cwd });
    expect(JSON.parse(plan.stdout)).toMatchObject({ version: 1, services: [{ name: 'site' }] });
    expect((await svc(['plan'], { cwd })).stdout).toContain('site');
  });

  it('builds without any network and without a home folder', async () => {
    const cwd = await projectOf(SITE);
    const script = `unset HOME; exec unshare -n "$0" "$@"`;
    const svcPath = join(import.meta.dirname, '../packages/cli/bin/svc.js');
    execFileSync('/bin/sh', ['-c', script, process.execPath, svcPath, 'build'], { cwd, stdio: 'pipe' });
    expect((await svc(['verify'], { cwd })).code).toBe(0);
  });

  it('builds a folder without a configuration as one app: an ordinary Build Output directory', async () => {
    const cwd = await projectOf({
      'index.html': '<h1>hello</h1>',
      'img/a.svg': '<svg/>',
      '.env': 'KEY=secret',
    });
    await build(cwd);
    const found = execFileSync('find', ['.', '-type', 'f'], { cwd: join(cwd, '.vercel/output') });
    expect(found.toString().trim().split('\n').sort()).toEqual([
      './config.json',
      './deployment.json',
      './static/img/a.svg',
      './static/index.html',
    ]);
  });

  it('plans without making anything', async () => {
    const cwd = await projectOf(SITE);
    await svc(['plan'], { cwd });
    expect(execFileSync('ls', ['-A'], { cwd }).toString()).toBe('site\nvercel.json\n');
  });

  it('writes to another folder when asked to, and refuses one that it would destroy', async () => {
    const cwd = await projectOf(SITE);
    const elsewhere = join(await temporaryFolder(), 'out');
    await build(cwd, ['--output', elsewhere]);
    expect((await svc(['verify', elsewhere], { cwd })).code).toBe(0);
    const precious = join(await temporaryFolder(), 'precious');
    await mkdir(precious);
    execFileSync('touch', [join(precious, 'thesis.tex')]);
    const refused = await svc(['build', '--output', precious], { cwd });
    expect(refused.code).toBe(40);
    expect(execFileSync('ls', [precious]).toString()).toBe('thesis.tex\n');
  });
});
