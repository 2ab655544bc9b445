import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Result } from '@svc/contracts';
import { afterAll, afterEach, beforeAll } from 'vitest';
import {
  type Built,
  buildService,
  type Files,
  runProgram,
  type ServiceFixture,
  writeFiles,
} from './build.ts';
import { launch, type Running } from './launch.ts';
import { bundlePrograms, type Programs } from './programs.ts';

export interface Project {
  readonly boundary: string;
  write(files: Files): void;
  build(fixture?: Partial<ServiceFixture>, env?: Readonly<Record<string, string>>): Promise<Result<Built>>;
  /** Builds what must be buildable. */
  built(fixture?: Partial<ServiceFixture>, env?: Readonly<Record<string, string>>): Promise<Built>;
}

/** Temporary projects and running functions, all gone when their test is over. */
export function workshop(): {
  project(files: Files): Promise<Project>;
  start(folder: string, options?: Parameters<typeof launch>[1]): Promise<Running>;
} {
  let programs: Programs;
  const folders: string[] = [];
  const running: Running[] = [];
  beforeAll(async () => {
    programs = await bundlePrograms();
  });
  afterAll(() => rm(programs.folder, { recursive: true, force: true }));
  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()));
    await Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
  });
  return {
    async project(files) {
      const base = await mkdtemp(join(tmpdir(), 'svc-python-'));
      folders.push(base);
      const boundary = join(base, 'project');
      let outputs = 0;
      writeFiles(boundary, files);
      const build: Project['build'] = (fixture = {}, env = {}) =>
        buildService({ programs, env }, boundary, join(base, `output-${outputs++}`), {
          root: '.',
          ...fixture,
        });
      return {
        boundary,
        write: more => writeFiles(boundary, more),
        build,
        async built(fixture, env) {
          const result = await build(fixture, env);
          if (!result.ok) throw new Error(JSON.stringify(result.failures, null, 2));
          return result.value;
        },
      };
    },
    async start(folder, options) {
      const started = await launch(folder, options);
      running.push(started);
      return started;
    },
  };
}

/** Absolute path of an interpreter of that minor version: on `PATH`, or one of pyenv's. */
export async function pythonOf(minor: string): Promise<string> {
  const candidates = (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, `python${minor}`));
  const pyenv = await runProgram('sh', ['-c', 'pyenv root 2>/dev/null'], tmpdir());
  const versions = join(pyenv.output.trim(), 'versions');
  if (pyenv.output.trim() !== '' && existsSync(versions)) {
    for (const name of readdirSync(versions)) candidates.push(join(versions, name, 'bin', `python${minor}`));
  }
  for (const file of candidates) {
    if (existsSync(file) && (await runProgram(file, ['--version'], tmpdir())).status === 0) return file;
  }
  throw new Error(`the tests need Python ${minor}`);
}

/** A `PATH` with a folder of its own in front that holds links to these programs. */
export function pathWith(folder: string, programs: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, target] of Object.entries(programs)) symlinkSync(target, join(folder, name));
  return `${folder}${delimiter}${process.env.PATH}`;
}

/** Installs uv into a folder and gives a `PATH` that has it in front. */
export async function pathWithUv(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const end = await runProgram('python3', ['-m', 'pip', 'install', '-q', '--target', folder, 'uv'], folder);
  if (end.status !== 0) throw new Error(end.output);
  return pathWith(join(folder, 'on-path'), { uv: join(folder, 'bin', 'uv') });
}
