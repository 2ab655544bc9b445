import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram, workshopOf } from '@svc/builder-kit/test-support';
import { pythonBuilder } from '../../src/index.ts';
import { PYTHON } from './build.ts';
import { launch } from './launch.ts';

/** Temporary projects and running functions, all gone when their test is over. */
export function workshop() {
  return workshopOf(
    {
      ...PYTHON,
      location: fileURLToPath(new URL('../..', import.meta.url)),
      tools: ['install', 'bundle'],
      shipped: '.py',
      builder: pythonBuilder,
      functionName: ({ data }) => String(data.function),
    },
    launch,
  );
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
