import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyFixture, projectOf, temporaryFolder, writeFiles } from './support/cli.ts';
import { type Dev, dev, until } from './support/dev.ts';
import { containersOf, docker, imageOf } from './support/docker.ts';
import { toolIsHere } from './support/tools.ts';

const missing = Object.entries({ docker: 'version', go: 'version' }).flatMap(([tool, word]) =>
  toolIsHere(tool, [word]) ? [] : [tool],
);
const reason = missing.length > 0 ? ` (skipped: needs ${missing.join(', ')})` : '';

const images: string[] = [];
afterAll(() => {
  for (const image of images) spawnSync('docker', ['rmi', '--force', image]);
});

/** Without a handler, the first process of a container takes no notice of SIGTERM. */
const DEAF = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", os.Getenv("WORD"), os.Getenv("PORT"))
	})
	fmt.Println("a word of the container")
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
`;
const BUILD = 'CGO_ENABLED=0 go build -o server .';

describe.skipIf(missing.length > 0)(`containers in svc dev${reason}`, () => {
  let folder: string;
  let running: Dev;
  const edit = async (path: string, from: string, to: string) => {
    const text = await readFile(join(folder, path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
    await writeFile(join(folder, path), text.replaceAll(from, to));
  };
  const begin = async (env: Readonly<Record<string, string>> = {}) => {
    running = await dev(folder, [], env);
    await Promise.all(['web', 'greeter'].map(name => running.ready(name)));
  };
  const greeters = () => containersOf(images[0] ?? '');
  const networkOf = (container: string) =>
    docker(
      'inspect',
      '--format',
      '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}',
      container,
    );

  beforeAll(async () => {
    folder = await copyFixture('container');
    execFileSync('git', ['init', '-q'], { cwd: folder });
    images.push(imageOf(folder, 'greeter', 'greeter'));
    await writeFiles(folder, { '.env': 'GREETER_VERSION=from .env\n' });
    await begin();
  }, 300_000);

  it('are built, started and routed: command, port, .env, bindings in both directions, prefixed output', async () => {
    expect(await running.text('/greet/you')).toBe('Hello, /greet/you');
    expect(await running.text('/greet/visitors')).toBe('Hello, Ada and Grace');
    expect(await running.text('/')).toBe('web says: Hello, /greet/from-web');
    expect(JSON.parse(await running.text('/greet/about'))).toMatchObject({
      version: 'from .env',
      port: '8080',
      process: 1,
    });
    await running.next(
      'service.output',
      ({ service, line }) => service === 'greeter' && line.includes('listening on 8080'),
    );
    const { services } = await running.next('dev.started');
    expect(services[1]).toMatchObject({
      name: 'greeter',
      kind: 'container',
      command: 'image of greeter/Dockerfile',
    });
    const [container = ''] = greeters();
    const [{ HostConfig }] = JSON.parse(docker('inspect', container));
    expect(HostConfig).toMatchObject({ Memory: 128 * 2 ** 20, PortBindings: {} });
  });

  it('are rebuilt for an edit of their sources or of their Dockerfile, and nobody else starts again', async () => {
    const since = running.events.length;
    await edit('greeter/main.go', '"%s, %s", *greeting, r.URL.Path', '"%s again, %s", *greeting, r.URL.Path');
    await running.sees('/greet/you', 'Hello again, /greet/you');
    await edit('greeter/Dockerfile', 'EXPOSE 8080', 'EXPOSE 8090');
    await running.sees('/greet/about', '"port":"8090"');
    const started = running.events
      .slice(since)
      .flatMap(event =>
        event.type === 'service.state' && event.state === 'starting' ? [event.service] : [],
      );
    expect(new Set(started)).toEqual(new Set(['greeter']));
    // What was replaced is gone, the container and its image.
    expect(greeters()).toHaveLength(1);
  });

  it('show why an image cannot be built, in the terminal and in the browser, and are repaired by an edit', async () => {
    const before = running.events.length;
    await edit('greeter/Dockerfile', 'COPY server /server', 'COPY nowhere /server');
    const { failure } = await running.next('service.failed', ({ service }) => service === 'greeter', before);
    expect(failure).toMatchObject({
      code: 'build-failed',
      position: { file: 'greeter/Dockerfile', line: 5 },
    });
    const page = await fetch(`${running.url}/greet/you`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(502);
    expect(await page.text()).toMatch(/greeter is not running.*COPY nowhere.*greeter\/Dockerfile:5/s);
    expect(await running.text('/visitors')).toBe('Ada and Grace');
    await edit('greeter/Dockerfile', 'COPY nowhere /server', 'COPY server /server');
    await running.sees('/greet/you', 'Hello again');
  });

  it('show a crash, and start again with the next edit', async () => {
    const before = running.events.length;
    await fetch(`${running.url}/greet/crash`);
    const { failure } = await running.next('service.failed', ({ service }) => service === 'greeter', before);
    expect(failure).toMatchObject({ code: 'service-crashed', message: 'it ended with exit code 1' });
    expect((failure.output ?? []).join('\n')).toContain('asked to crash');
    expect(await running.text('/greet/you')).toContain('asked to crash');
    await edit('greeter/main.go', 'again', 'once more');
    await running.sees('/greet/you', 'Hello once more');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGKILL', null],
  ] as const)('are gone after %s, with their network', async (signal, code) => {
    if (greeters().length === 0) await begin();
    const [container = ''] = greeters();
    const network = networkOf(container);
    expect((await running.stop(signal)).code).toBe(code);
    // A killed svc has no time to wait for it.
    if (signal !== 'SIGKILL') expect(greeters()).toEqual([]);
    await until(() => greeters().length === 0);
    await until(() => docker('network', 'ls', '--quiet', '--filter', `name=${network}`) === '');
  });

  it('are said to need docker where there is none, and where it is down; a devCommand needs neither', async () => {
    const project = await projectOf({
      'vercel.json': {
        services: {
          box: { root: 'box', runtime: 'container' },
          free: {
            root: 'box',
            runtime: 'container',
            devCommand: `node -e "require('http').createServer((_, r) => r.end('by command')).listen(process.env.PORT)"`,
          },
        },
        rewrites: [
          { source: '/box', destination: { service: 'box' } },
          { source: '/free', destination: { service: 'free' } },
        ],
      },
      'box/Dockerfile': 'FROM scratch\nCOPY Dockerfile /\n',
    });
    const programs = await temporaryFolder();
    await symlink(process.execPath, join(programs, 'node'));
    const without = await dev(project, [], { PATH: programs });
    const absent = await without.next('service.failed');
    expect(absent.failure).toMatchObject({
      code: 'tool-missing',
      service: 'box',
      message: expect.stringContaining('docker is not on this machine'),
      help: expect.stringMatching(/docs\.docker\.com.*devCommand/s),
    });
    await without.ready('free');
    expect(await without.text('/free')).toBe('by command');
    expect(await without.text('/box')).toContain('docker is not on this machine');
    await without.stop('SIGTERM');
    const down = await dev(project, [], { DOCKER_HOST: 'unix:///nowhere.sock' });
    const silent = await down.next('service.failed');
    expect(silent.failure).toMatchObject({
      code: 'engine-unavailable',
      help: expect.stringContaining('systemctl start docker'),
    });
    await down.stop('SIGTERM');
  });

  it('take no notice of files that their .dockerignore leaves out, and of signals without harm', async () => {
    folder = await projectOf({
      'vercel.json': {
        services: { deaf: { root: 'deaf', runtime: 'container' } },
        rewrites: [{ source: '/(.*)', destination: { service: 'deaf' } }],
      },
      'svc.json': { services: { deaf: { context: '.' } } },
      '.env': 'WORD=given\n',
      '.gitignore': '.svc/\n',
      '.dockerignore': '**/*.md\n**/.*\n.svc\n',
      'deaf/Dockerfile': 'FROM scratch\nCOPY deaf/server /\nCOPY note.txt /\nCMD ["/server"]\n',
      'deaf/go.mod': 'module deaf\n\ngo 1.21\n',
      'deaf/main.go': DEAF,
      'deaf/README.md': 'one',
      'note.txt': 'one',
    });
    execFileSync('sh', ['-c', BUILD], { cwd: join(folder, 'deaf'), stdio: 'pipe' });
    const image = imageOf(folder, 'deaf', 'deaf');
    images.push(image);
    running = await dev(folder);
    await running.ready('deaf');
    expect(await running.text('/')).toBe('given 3000');
    const before = running.events.length;
    await writeFiles(folder, { 'deaf/README.md': 'two' });
    await writeFiles(folder, { 'note.txt': 'two' });
    const { paths } = await running.next('service.changed', () => true, before);
    expect(paths).toEqual(['note.txt']);
    await running.ready('deaf', before);
    const excepted = running.events.length;
    await writeFiles(folder, { '.dockerignore': '**/.*\n.svc\n' });
    await running.next('service.changed', () => true, excepted);
    await running.ready('deaf', excepted);
    const admitted = running.events.length;
    await writeFiles(folder, { 'deaf/README.md': 'three' });
    await running.next('service.changed', event => event.paths.includes('deaf/README.md'), admitted);
    await running.ready('deaf', admitted);
    const ended = await running.stop('SIGINT');
    expect(ended.code).toBe(130);
    expect(containersOf(image)).toEqual([]);
  });
});
