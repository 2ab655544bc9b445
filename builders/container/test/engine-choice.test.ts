import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { chooseEngine } from '../src/engine/choose.ts';

const path = process.env.PATH;
const folders: string[] = [];
afterEach(async () => {
  process.env.PATH = path;
  delete process.env.DOCKER_HOST;
  await Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
});

/** A PATH on which nothing but these programs is, each a script. */
async function onlyPrograms(programs: Readonly<Record<string, string>>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'svc-path-'));
  folders.push(folder);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  process.env.PATH = folder;
}

const BUILDAH = 'case "$1" in info) echo /store ;; *) echo "buildah version 1.28.2 (image-spec 1.1)" ;; esac';
const DOWN =
  'echo "Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?" >&2; exit 1';

describe('the engine that builds', () => {
  it('missing: what to install', async () => {
    await onlyPrograms({});
    expect(await chooseEngine(null)).toMatchObject({
      failures: [
        { code: 'tool-missing', help: expect.stringMatching(/apt-get install docker\.io .*buildah/) },
      ],
    });
    expect(await chooseEngine('buildah')).toMatchObject({
      failures: [
        { code: 'tool-missing', message: expect.stringContaining('buildah is not on this machine') },
      ],
    });
  });

  it('docker without its daemon: that it is down, in its own words', async () => {
    await onlyPrograms({ docker: DOWN });
    expect(await chooseEngine(null)).toMatchObject({
      failures: [
        {
          code: 'engine-unavailable',
          message: expect.stringContaining('Cannot connect to the Docker daemon'),
          help: expect.stringContaining('systemctl start docker'),
        },
      ],
    });
  });

  it('docker that the user may not use: how to be allowed', async () => {
    await onlyPrograms({ docker: 'echo "permission denied while trying to connect" >&2; exit 1' });
    expect(await chooseEngine('docker')).toMatchObject({
      failures: [{ code: 'engine-unavailable', help: expect.stringContaining('group docker') }],
    });
  });

  it('is buildah where docker is down, unless docker is asked for', async () => {
    await onlyPrograms({ docker: DOWN, buildah: BUILDAH });
    expect(await chooseEngine(null)).toMatchObject({
      ok: true,
      value: { name: 'buildah', label: 'buildah 1.28.2' },
    });
    expect(await chooseEngine('docker')).toMatchObject({ failures: [{ code: 'engine-unavailable' }] });
  });

  it.each([
    ['28.2.2 29.0.0', 'exit 1', 'docker 28.2.2 (daemon 29.0.0) without BuildKit', false],
    ['28.2.2 28.2.2', 'echo v0.20', 'docker 28.2.2 with BuildKit', true],
    ['20.10.24 20.10.24', 'exit 1', 'docker 20.10.24 with BuildKit', true],
  ])('docker %s with buildx "%s" is %s', async (versions, buildx, label, isModern) => {
    await onlyPrograms({ docker: `case "$1" in version) echo "${versions}" ;; buildx) ${buildx} ;; esac` });
    const chosen = await chooseEngine(null);
    expect(chosen).toMatchObject({ ok: true, value: { label } });
    if (chosen.ok) expect(chosen.value.modern === true).toBe(isModern);
  });
});
