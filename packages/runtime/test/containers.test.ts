import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerVariables } from '../src/functions/container/variables.ts';
import { type Files, isProblem, start } from './support/deployment.ts';
import { TO_INDEX } from './support/functions.ts';
import { ask } from './support/http.ts';

const execute = promisify(execFile);
const missing = whyNot();

/** Where tests run for good, a missing docker is an error and no reason to test less. */
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

/** A server that can also refuse to listen, and eat memory. */
const SERVER = `package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "deaf" {
		time.Sleep(time.Hour)
	}
	http.HandleFunc("/eat", func(w http.ResponseWriter, r *http.Request) {
		var eaten [][]byte
		for {
			block := make([]byte, 1<<20)
			for at := range block {
				block[at] = 1
			}
			eaten = append(eaten, block)
		}
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, strings.Join(os.Environ(), "\\n"))
	})
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
`;

describe.skipIf(missing !== null)(`a container${missing === null ? '' : ` (${missing})`}`, () => {
  let folder: string;
  let image: Uint8Array;
  const tag = `svc-runtime-test:${process.pid}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'svc-image-'));
    await writeFile(join(folder, 'go.mod'), 'module server\n\ngo 1.21\n');
    await writeFile(join(folder, 'main.go'), SERVER);
    await writeFile(
      join(folder, 'Dockerfile'),
      'FROM scratch\nCOPY server /server\nENV PATH=/of/the/image OWN=image GIVEN=image\nEXPOSE 9100 9000\nENTRYPOINT ["/server"]\n',
    );
    const env = { ...process.env, CGO_ENABLED: '0', DOCKER_BUILDKIT: '0' };
    await execute('go', ['build', '-o', 'server', '.'], { cwd: folder, env });
    await execute('docker', ['build', '--tag', tag, '.'], { cwd: folder, env });
    await execute('docker', ['save', '--output', join(folder, 'image.tar'), tag]);
    image = await readFile(join(folder, 'image.tar'));
  }, 300_000);
  afterAll(async () => {
    await execute('docker', ['rmi', tag]);
    await rm(folder, { recursive: true, force: true });
  });

  const deployed = (settings: object = {}): Files => ({
    'config.json': { version: 3, routes: TO_INDEX },
    'functions/index.func/.vc-config.json': {
      runtime: 'container',
      handler: 'image.tar',
      environment: { DEPLOYED: 'yes' },
      image: { archive: 'image.tar' },
      ...settings,
    },
    'functions/index.func/image.tar': image,
  });

  it('is given PORT and what was meant for it, and keeps what its image sets', async () => {
    const site = await start(deployed(), {
      env: { PATH: process.env.PATH, HOME: '/home/of/caller', OWN: 'caller', OF_CALLER: 'two\nlines' },
      declaredEnv: { GIVEN: 'by an env file' },
    });
    const { text } = await ask(site.port, '/');
    const lines = text.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'PORT=9000',
        'PATH=/of/the/image',
        'OWN=image',
        'GIVEN=by an env file',
        'DEPLOYED=yes',
        'VERCEL=1',
        'OF_CALLER=two',
      ]),
    );
    expect(text).not.toContain('/home/of/caller');
    expect(text).not.toContain('SVC_');
  });

  it('that never listens is a 502, and the log says what it should do', async () => {
    const site = await start(deployed({ command: ['deaf'] }), { startTimeout: 2_000 });
    expect((await ask(site.port, '/')).status).toBe(502);
    expect(JSON.stringify(site.events.filter(isProblem))).toMatch(/nothing listens on port 9000.*0\.0\.0\.0/);
  });

  it('that takes more memory than it may is ended, and starts again', async () => {
    const site = await start(deployed({ memory: 128 }));
    expect((await ask(site.port, '/')).status).toBe(200);
    expect((await ask(site.port, '/eat')).status).toBe(502);
    await site.next(event => event.type === 'problem' && /exit code 137/.test(event.message));
    expect((await ask(site.port, '/')).status).toBe(200);
  });

  it.each([
    [{ image: { archive: '../../../secret.tar' } }, 'containers without their ../../../secret.tar'],
    [{ image: {}, handler: '--privileged@sha256:' }, 'the image'],
  ])('whose settings lead elsewhere is not run: %j', async (settings, reason) => {
    const site = await start(deployed(settings));
    expect(site.deployment.unsupported).toMatchObject([{ reason: expect.stringContaining(reason) }]);
    expect((await ask(site.port, '/')).status).toBe(501);
  });
});

describe('the variables of a container', () => {
  it('are not those that only make sense on this machine, unless they were meant for it', () => {
    const all = {
      PATH: '/bin',
      HOME: '/root',
      DOCKER_HOST: 'x',
      LC_ALL: 'C',
      API: '1',
      OWN: 'caller',
      'BASH_FUNC_x%%': 'f',
    };
    const ofImage = new Set(['OWN']);
    expect(containerVariables({ all, given: {}, ofImage })).toEqual({ API: '1' });
    expect(containerVariables({ all, given: { HOME: '/app', OWN: 'meant' }, ofImage })).toEqual({
      API: '1',
      HOME: '/app',
      OWN: 'meant',
    });
  });
});
