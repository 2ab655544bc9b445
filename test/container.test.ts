import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_BROWSER, openPage } from './support/browser.ts';
import {
  build,
  copyFixture,
  eventsIn,
  outputOf,
  projectOf,
  start,
  svc,
  temporaryFolder,
  writeFiles,
} from './support/cli.ts';
import { type Running, startDeployment } from './support/running.ts';

const missing = whyNot();
const hasBuildah = spawnSync('buildah', ['--version']).status === 0;
const ENGINES = process.env.CI || hasBuildah ? ['docker', 'buildah'] : ['docker'];

/** Where tests run for good, a missing engine is an error and no reason to test less. */
function whyNot(): string | null {
  if (process.env.CI) return null;
  try {
    execFileSync('docker', ['version'], { stdio: 'ignore' });
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return null;
  } catch (error) {
    return `needs docker and go: ${(error as Error).message}`;
  }
}

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' }).trim();
}

/** What `svc start` with that process id's run has in docker: by the label that all of it carries. */
function leftInDocker(run: string): string[] {
  return [
    ...docker('ps', '--all', '--quiet', '--filter', `name=${run}`).split('\n'),
    ...docker('network', 'ls', '--quiet', '--filter', `name=${run}`).split('\n'),
    ...docker('images', '--quiet', '--filter', `reference=${run}`).split('\n'),
  ].filter(line => line !== '');
}

/** Images stay with the engine, so that the next build finds their layers. Each project has its own tag. */
const tags: string[] = [];
function forgetImage(project: string, service: string, root: string): void {
  tags.push(tagOf(project, service, root));
}
function tagOf(project: string, service: string, root: string): string {
  const place = createHash('sha256')
    .update(JSON.stringify([project, root]))
    .digest('hex')
    .slice(0, 12);
  return `svc-build/${service}:${place}`;
}
afterAll(() => {
  for (const tag of tags) spawnSync('docker', ['rmi', tag]);
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 50));
}

interface RunningContainers extends Running {
  /** Name of the network, first part of the containers' names. */
  run(): string;
}

async function run(
  directory: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<RunningContainers> {
  const program = await startDeployment(directory, args, env, await temporaryFolder());
  return {
    ...program,
    run: () => {
      // The container's processes are docker's: found by the address that this svc has in their network.
      const names = docker('ps', '--format', '{{.Names}} {{.Label "svc.run"}}').split('\n');
      const own = names.find(line =>
        childrenEnvironments(program.child.pid ?? 0).some(mark => line.endsWith(mark)),
      );
      return own?.replace(/-\d+ .*$/, '') ?? '';
    },
  };
}

/** The marks of the runs that a process has children of. */
function childrenEnvironments(parent: number): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        if (Number(/\) \S (\d+)/.exec(stat)?.[1]) !== parent) return [];
        return /SVC_RUN=(\w+)/.exec(readFileSync(`/proc/${name}/environ`, 'latin1'))?.[1] ?? [];
      } catch {
        // Ended meanwhile.
        return [];
      }
    });
}

describe.skipIf(missing !== null)(
  `a container and a Node service${missing === null ? '' : ` (${missing})`}`,
  () => {
    let output: string;
    let project: string;

    beforeAll(async () => {
      project = await copyFixture('container');
      forgetImage(project, 'greeter', 'greeter');
      const events = await build(project, [], { GREETER_VERSION: 'v7' });
      expect(outputOf(events, 'greeter:bundle').join('\n')).toMatch(/^using (docker|buildah) \d/m);
      output = join(await temporaryFolder(), 'elsewhere');
      await cp(join(project, '.vercel/output'), output, { recursive: true, verbatimSymlinks: true });
      await rm(join(project, '.vercel'), { recursive: true });
    });
    it('is the same deployment when it is built again, elsewhere', async () => {
      const other = await copyFixture('container');
      forgetImage(other, 'greeter', 'greeter');
      await build(other, [], { GREETER_VERSION: 'v7' });
      const id = async (folder: string) =>
        JSON.parse(await readFile(join(folder, 'deployment.json'), 'utf8')).id;
      expect(await id(join(other, '.vercel/output'))).toBe(await id(output));
    });

    it('runs from a copy: requests, its command, build arguments, bindings in both directions', async () => {
      const { url, log, run: nameOf, child, ended } = await run(output, [], { SECRET_OF_CALLER: 'given' });
      expect(await (await fetch(`${url}/greet/you`)).text()).toBe('Hello, /greet/you');
      expect(await (await fetch(`${url}/greet/visitors`)).text()).toBe('Hello, Ada and Grace');
      expect(await (await fetch(`${url}/`)).text()).toBe('web says: Hello, /greet/from-web');
      expect(await (await fetch(`${url}/greet/about`)).json()).toMatchObject({
        version: 'v7',
        port: '8080',
        process: 1,
        files: expect.arrayContaining(['server']),
      });
      const name = nameOf();
      const [container] = JSON.parse(docker('inspect', `${name}-1`));
      expect(container.HostConfig).toMatchObject({ Memory: 128 * 2 ** 20, PortBindings: {} });
      const variables: string[] = container.Config.Env;
      expect(variables).toContain('SECRET_OF_CALLER=given');
      expect(variables.filter(each => /^(?:HOME|USER|SHELL)=/.test(each))).toEqual([]);
      expect(variables.find(each => each.startsWith('PATH='))).not.toBe(`PATH=${process.env.PATH}`);
      await until(() => log().includes('[greeter] '));
      child.kill('SIGTERM');
      expect((await ended).code).toBe(143);
      await until(() => log().includes('told to stop'));
      expect(leftInDocker(name)).toEqual([]);
    });

    it.skipIf(NO_BROWSER)('shows a browser what the container says', async () => {
      const { url } = await run(output);
      const { page, complaints } = await openPage();
      await page.goto(`${url}/page`);
      await page.getByRole('heading', { name: 'Visitors' }).waitFor();
      await page.getByText('Hello, Ada and Grace').waitFor();
      expect(complaints).toEqual([]);
    });

    it('starts again after a crash', async () => {
      const { url, log } = await run(output);
      expect(await (await fetch(`${url}/greet/you`)).text()).toBe('Hello, /greet/you');
      expect((await fetch(`${url}/greet/crash`)).status).toBe(502);
      await until(() => log().includes('asked to crash'));
      // Docker tells of it a moment after the process has gone.
      await until(() => log().includes('it ended with exit code 1'));
      expect(await (await fetch(`${url}/greet/again`)).text()).toBe('Hello, /greet/again');
    });

    it('runs twice at the same time, each with its own network and bindings', async () => {
      const [one, two] = await Promise.all([run(output), run(output)]);
      const answers = await Promise.all(
        [one, two, one, two].map(async ({ url }) => (await fetch(`${url}/greet/visitors`)).text()),
      );
      expect(new Set(answers)).toEqual(new Set(['Hello, Ada and Grace']));
      expect(one.run()).not.toBe(two.run());
    });

    it('leaves no container, network and image when svc is killed', async () => {
      const { url, child, ended, run: nameOf } = await run(output);
      expect((await fetch(`${url}/greet/you`)).status).toBe(200);
      const name = nameOf();
      expect(leftInDocker(name).length).toBeGreaterThanOrEqual(3);
      child.kill('SIGKILL');
      await ended;
      await until(() => leftInDocker(name).length === 0);
    });

    it('says what is missing where there is no docker, and where its daemon is down', async () => {
      const folder = await temporaryFolder();
      const without = await run(output, [], { PATH: `${folder}:/nothing` });
      expect((await fetch(`${without.url}/greet/you`)).status).toBe(502);
      await until(() => without.log().includes('docker, which is not on this machine'));
      const down = await run(output, [], { DOCKER_HOST: `unix://${folder}/none.sock` });
      expect((await fetch(`${down.url}/greet/you`)).status).toBe(502);
      await until(() => /docker does not answer.*systemctl start docker/.test(down.log()));
    });
  },
);

describe.skipIf(missing !== null)('a build of an image', () => {
  const api = { services: { api: { root: 'api', runtime: 'container' } } };

  it('asks no engine while it is planned', async () => {
    const project = await projectOf({ 'vercel.json': api, 'api/Dockerfile': 'FROM scratch\n' });
    const planned = await svc(['plan', '--json'], {
      cwd: project,
      env: { DOCKER_HOST: 'unix:///nowhere.sock' },
    });
    expect(planned).toMatchObject({ code: 0 });
    expect(JSON.parse(planned.stdout).steps).toMatchObject([{ id: 'api:build', network: true }]);
  });

  it('fails with the place in the Dockerfile, or with what to do about the engine', async () => {
    const project = await projectOf({
      'vercel.json': api,
      'api/Dockerfile': 'FROM scratch\nCOPY . /\nFOO\n',
    });
    const broken = await svc(['build'], { cwd: project });
    expect(broken).toMatchObject({ code: 30, stderr: expect.stringContaining('api/Dockerfile:3') });
    const down = await svc(['build', '--engine', 'docker'], {
      cwd: project,
      env: { DOCKER_HOST: 'unix:///nowhere.sock' },
    });
    expect(down).toMatchObject({ code: 30, stderr: expect.stringContaining('its daemon does not answer') });
    expect(await svc(['build', '--engine', 'podman'], { cwd: project })).toMatchObject({ code: 2 });
    expect(await svc(['build', '--registry', 'Not A Name'], { cwd: project })).toMatchObject({ code: 2 });
    const strict = await svc(['build', '--isolation', 'strict'], { cwd: project });
    expect(strict).toMatchObject({ code: 30, stderr: expect.stringContaining('Strict isolation') });
  });

  it('takes a context above the service, without other services unless they are in it', async () => {
    const project = await projectOf({
      'vercel.json': {
        services: { api: { root: 'apps/api', runtime: 'container' }, web: { root: 'apps/web' } },
      },
      'svc.json': { services: { api: { context: '.' } } },
      'apps/api/Dockerfile': 'FROM scratch\nCOPY apps/api/code.txt libs/shared.txt /\n',
      'apps/api/code.txt': 'code',
      'apps/web/index.html': 'page',
      'libs/shared.txt': 'shared',
      '.dockerignore': '.git\n',
    });
    forgetImage(project, 'api', 'apps/api');
    await build(project);
    expect(existsSync(join(project, '.vercel/output/services/api/functions/container.func/image.tar'))).toBe(
      true,
    );
    await writeFiles(project, { 'apps/api/Dockerfile': 'FROM scratch\nCOPY apps/web/index.html /\n' });
    const hidden = await svc(['build'], { cwd: project });
    expect(hidden).toMatchObject({ code: 30, stderr: expect.stringContaining('apps/api/Dockerfile:2') });
    await writeFiles(project, { 'svc.json': { services: { api: { context: '.', inputs: ['apps/web'] } } } });
    await build(project);
  });

  it.skipIf(!process.env.CI && !hasBuildah)('is done by buildah as well, in the same isolation', async () => {
    const project = await copyFixture('container');
    const events = await build(project, ['--engine', 'buildah']);
    expect(outputOf(events, 'greeter:bundle').join('\n')).toMatch(/^using buildah \d/m);
    const { url, child, ended } = await run(join(project, '.vercel/output'));
    expect(await (await fetch(`${url}/greet/you`)).text()).toBe('Hello, /greet/you');
    child.kill('SIGTERM');
    await ended;
    spawnSync('buildah', ['rmi', tagOf(project, 'greeter', 'greeter')]);
  });

  it.each(ENGINES)('by %s ends with svc and leaves nothing behind', async engine => {
    const containers = () =>
      spawnSync('buildah', ['containers', '--quiet'], { encoding: 'utf8' }).stdout ?? '';
    const before = containers();
    const project = await projectOf({
      'vercel.json': {
        services: {
          api: { root: 'api', runtime: 'container', buildCommand: 'CGO_ENABLED=0 go build -o waiter .' },
        },
      },
      'api/go.mod': 'module waiter\n\ngo 1.21\n',
      'api/main.go':
        'package main\n\nimport (\n\t"fmt"\n\t"time"\n)\n\nfunc main() {\n\tfmt.Println("waiting now")\n\ttime.Sleep(time.Hour)\n}\n',
      'api/Dockerfile': 'FROM scratch\nCOPY waiter /svc-test-waiter\nRUN ["/svc-test-waiter"]\n',
    });
    const { child, ended } = start(['build', '--json', '--engine', engine], { cwd: project });
    await new Promise<void>(resolve => {
      let text = '';
      child.stdout?.on('data', chunk => {
        text += chunk;
        if (text.includes('waiting now')) resolve();
      });
    });
    expect(waiters()).not.toEqual([]);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(eventsIn(stdout).filter(({ type }) => type === 'failure')).toEqual([]);
    await until(() => waiters().length === 0);
    // The daemon hears of it by the connection that is closed, and removes the container by itself.
    await until(() => !docker('ps', '--all', '--format', '{{.Command}}').includes('svc-test-waiter'));
    expect(containers()).toBe(before);
  });
});

function waiters(): string[] {
  return readdirSync('/proc').filter(name => {
    try {
      return (
        /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').startsWith('/svc-test-waiter')
      );
    } catch {
      return false;
    }
  });
}
