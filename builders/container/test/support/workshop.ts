import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Failure } from '@svc/contracts';
import { afterAll, beforeAll } from 'vitest';
import type { ImageInput } from '../../src/input.ts';
import { buildContainer } from '../../src/tool/build.ts';

const execute = promisify(execFile);

/** A static program for images without anything else: it says what it sees while an image is built. */
const PROBE = `package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "fail" {
		fmt.Println("a word before it fails")
		os.Exit(3)
	}
	if len(os.Args) > 1 && os.Args[1] == "wait" {
		time.Sleep(time.Hour)
	}
	secret, err := os.ReadFile("/run/secrets/TOKEN")
	fmt.Println("length of the secret:", len(secret), err == nil)
	os.WriteFile("/made", []byte("made while the image was built"), 0o644)
}
`;

export type Files = Readonly<Record<string, string | Uint8Array>>;

export type Built =
  | { readonly ok: true; readonly folder: string; readonly config: VcConfig }
  | { readonly ok: false; readonly failures: readonly Failure[] };

export interface VcConfig {
  readonly handler: string;
  readonly architecture: string;
  readonly command?: readonly string[];
  readonly memory?: number;
  readonly image: {
    readonly archive?: string;
    readonly digest: string;
    readonly id: string;
    readonly port: number;
  };
}

export interface Project {
  readonly root: string;
  /** Builds the image as the step does, with these variables set. */
  build(input?: Partial<ImageInput>, env?: Readonly<Record<string, string>>): Promise<Built>;
  /** Gives a file another time. */
  touch(path: string): Promise<void>;
}

/** Projects in temporary folders; their images are removed from the engines after the tests. */
export function workshop() {
  const folders: string[] = [];
  const service = `test-${process.pid.toString(36).replace(/\d/g, digit => 'abcdefghij'[Number(digit)] ?? '')}`;
  const shared: { probe: string } = { probe: '' };
  const made = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'svc-container-'));
    folders.push(folder);
    return folder;
  };

  beforeAll(async () => {
    const folder = await made();
    await writeFile(join(folder, 'go.mod'), 'module probe\n\ngo 1.21\n');
    await writeFile(join(folder, 'main.go'), PROBE);
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-trimpath -buildvcs=false' };
    await execute('go', ['build', '-ldflags=-s -w -buildid=', '-o', 'probe', '.'], { cwd: folder, env });
    shared.probe = join(folder, 'probe');
  }, 300_000);
  afterAll(async () => {
    for (const engine of ['docker', 'buildah']) removeImages(engine, `svc-build/${service}`);
    await Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true })));
  });

  return {
    service,
    temporaryFolder: made,
    /** A folder with these files and the program `probe`. */
    async project(files: Files): Promise<Project> {
      const root = await made();
      for (const [path, content] of Object.entries(files)) {
        const file = join(root, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      }
      await cp(shared.probe, join(root, 'probe'));
      await chmod(join(root, 'probe'), 0o755);
      let builds = 0;
      return {
        root,
        touch: path => utimes(join(root, path), new Date(), new Date()),
        async build(input = {}, env = {}) {
          const output = join(await made(), `output-${builds++}`);
          const before = { ...process.env };
          Object.assign(process.env, { SOURCE_DATE_EPOCH: '315532800' }, env);
          try {
            const context = { boundary: root, root, output, warn: () => undefined };
            const result = await buildContainer({ ...DEFAULTS, service, ...input }, context);
            if (!result.ok) return result;
          } finally {
            for (const name of Object.keys(env)) delete process.env[name];
            Object.assign(process.env, before);
          }
          const folder = join(output, 'functions', 'container.func');
          const config = JSON.parse(await readFile(join(folder, '.vc-config.json'), 'utf8')) as VcConfig;
          return { ok: true, folder, config };
        },
      };
    },
  };
}

const DEFAULTS: ImageInput = {
  service: 'test',
  root: '.',
  dockerfile: 'Dockerfile',
  context: '.',
  args: [],
  secrets: [],
  command: null,
  settings: {},
  engine: null,
  registry: null,
};

function removeImages(engine: string, repository: string): void {
  const [format, full] =
    engine === 'docker'
      ? ['{{.Repository}}:{{.Tag}}', repository]
      : ['{{.Name}}:{{.Tag}}', `localhost/${repository}`];
  // An engine that is not there, or down, has nothing that could be removed.
  const { stdout } = spawnSync(engine, ['images', '--format', format], { encoding: 'utf8' });
  const own = (stdout ?? '').split('\n').filter(name => name.startsWith(`${full}:`));
  for (const name of own) spawnSync(engine, ['rmi', '--force', name], { stdio: 'ignore' });
}

export function isInstalled(program: string): boolean {
  return programsOf(program).length > 0;
}

/** Where that program is on the path, first found first. */
export function programsOf(program: string): string[] {
  return (process.env.PATH ?? '')
    .split(':')
    .map(folder => join(folder, program))
    .filter(file => existsSync(file));
}
