import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestProject } from './support/project.ts';

describe('a run', () => {
  it('goes on with the other services when one fails, and says what its last lines were', async () => {
    const services = {
      bad: { root: 'bad', build: 'for i in $(seq 30); do echo line $i; done; exit 4' },
      good: { root: 'good', build: 'true' },
    };
    const project = await TestProject.make(services, { 'bad/x': '', 'good/x': '' });
    const { result } = await project.run();
    expect(result.services.map(({ state }) => state)).toEqual(['failed', 'built']);
    const [failure] = result.services[0]?.failures ?? [];
    expect(failure).toMatchObject({
      code: 'build-failed',
      service: 'bad',
      message: expect.stringContaining('exit code 4'),
    });
    expect(failure?.output).toHaveLength(20);
    expect(failure?.output?.at(-1)).toBe('line 30');
  });

  it('fails every service behind an install that failed, and only those', async () => {
    const shared = {
      install: 'echo no such package >&2; exit 1',
      build: 'echo must not run',
      workspace: '.',
    };
    const services = {
      a: { root: 'a', ...shared },
      b: { root: 'b', ...shared },
      c: { root: 'c', build: 'true' },
    };
    const project = await TestProject.make(services, {
      'a/x': '',
      'b/x': '',
      'c/x': '',
      'package.json': '{}',
    });
    const { result, lines } = await project.run();
    expect(result.services.map(({ state }) => state)).toEqual(['failed', 'failed', 'built']);
    expect(result.services[1]?.failures[0]).toMatchObject({
      code: 'install-failed',
      service: 'b',
      output: ['no such package'],
    });
    expect([...lines('a:build'), ...lines('b:build')]).toEqual([]);
  });

  it('says that a lockfile does not fit, although that is not among the last lines', async () => {
    const files = {
      'a/left/package.json': JSON.stringify({ name: 'left', version: '1.0.0' }),
      'a/package.json': JSON.stringify({
        name: 'a',
        version: '1.0.0',
        dependencies: { left: 'file:./left' },
      }),
      'a/package-lock.json': JSON.stringify({
        name: 'a',
        version: '1.0.0',
        lockfileVersion: 3,
        packages: { '': { name: 'a', version: '1.0.0' } },
      }),
    };
    const project = await TestProject.make({ a: { root: 'a', install: 'npm ci --offline' } }, files);
    const { result } = await project.run();
    expect(result.services[0]?.failures[0]).toMatchObject({
      code: 'install-failed',
      message: expect.stringContaining('the lockfile does not fit a/package.json'),
      help: expect.stringContaining('npm install'),
    });
  });

  it('says which program is missing', async () => {
    const project = await TestProject.make(
      { a: { root: 'a', install: 'pnpm-of-the-future install' } },
      { 'a/package.json': '{}' },
    );
    const { result } = await project.run();
    expect(result.services[0]?.failures[0]).toMatchObject({
      code: 'install-failed',
      message: expect.stringContaining('not found'),
    });
  });

  it('keeps the last output when ignoreCommand ends with 0, and builds when there is none', async () => {
    const services = {
      a: { root: 'a', ignore: 'true', build: 'echo built' },
      b: { root: 'b', ignore: 'false', build: 'echo built' },
    };
    const project = await TestProject.make(services, { 'a/x': '', 'b/x': '' });
    const kept = await project.run({ previous: ['a', 'b'] });
    expect(kept.result.services.map(({ state }) => state)).toEqual(['kept', 'built']);
    expect(kept.lines('a:build')).toEqual([]);
    const first = await project.run();
    expect(first.result.services.map(({ state }) => state)).toEqual(['built', 'built']);
    expect(first.events).toContainEqual(
      expect.objectContaining({ type: 'warning', notice: expect.objectContaining({ service: 'a' }) }),
    );
  });

  it('refuses to leave out a service of which there is nothing to keep', async () => {
    const services = { a: { root: 'a', build: 'true' }, b: { root: 'b', build: 'true' } };
    const project = await TestProject.make(services, { 'a/x': '', 'b/x': '' });
    await expect(project.run({ selected: ['a'] })).rejects.toThrow(/nothing-to-keep.*"b"/);
    const { result } = await project.run({ selected: ['a'], previous: ['b'] });
    expect(result.services.map(({ state }) => state)).toEqual(['built', 'kept']);
  });

  it('hides admitted values in output, failures included', async () => {
    const build = 'echo "token is $TOKEN"; echo "$TOKEN" >&2; exit 1';
    const project = await TestProject.make(
      { a: { root: 'a', build, env: { names: ['TOKEN'] } } },
      { 'a/x': '' },
    );
    const { events } = await project.run({ caller: { TOKEN: 'swordfish-swordfish' } });
    expect(JSON.stringify(events)).not.toContain('swordfish');
    expect(JSON.stringify(events)).toContain('token is [TOKEN]');
  });

  it('starts the longest chain first, as the last run measured it', async () => {
    const services = Object.fromEntries(
      ['a', 'b', 'c'].map(name => [
        name,
        { root: name, build: `test ${name} != c || head -c 60000000 /dev/zero | sha256sum` },
      ]),
    );
    const project = await TestProject.make(services, { 'a/x': '', 'b/x': '', 'c/x': '' });
    await project.run({ concurrency: 1 });
    const { events } = await project.run({ concurrency: 1 });
    expect(events.find(event => event.type === 'step.started')).toMatchObject({ step: 'c:build' });
  });

  it.each(['auto', 'copy'] as const)('stops everything when told to (%s)', async isolation => {
    const build = 'trap "" TERM INT; setsid sleep 300 & echo ready; sleep 300; sleep 300';
    const services = { a: { root: 'a', build }, b: { root: 'b', build }, c: { root: 'c', build } };
    const project = await TestProject.make(services, { 'a/x': '', 'b/x': '', 'c/x': '' });
    const stop = new AbortController();
    let ready = 0;
    const { result } = await project.run({
      isolation,
      signal: stop.signal,
      onEvent: event => {
        if (event.type === 'step.output' && ++ready === 2) stop.abort();
      },
    });
    expect(result.services.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(processesOf(project.directory)).toEqual([]);
  });

  it('leaves nothing lying about but working copies and timings', async () => {
    const project = await TestProject.make({ a: { root: 'a', build: 'true' } }, { 'a/x': '' });
    await project.run();
    await project.run();
    expect(readdirSync(join(project.directory, '.svc')).sort()).toEqual(['timings.json', 'work']);
    expect(readdirSync(join(project.directory, '.svc/work')).sort()).toEqual(['a']);
  });
});

function processesOf(directory: string): string[] {
  return readdirSync('/proc').filter(name => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid || !existsSync(`/proc/${name}/environ`))
      return false;
    try {
      return readFileSync(`/proc/${name}/environ`, 'utf8').includes(directory);
    } catch {
      return false;
    }
  });
}
