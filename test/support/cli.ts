import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { SvcEvent } from '@svc/contracts';
import { afterAll } from 'vitest';

import { REPOSITORY } from './repository.ts';

export { REPOSITORY };

export const SVC = join(REPOSITORY, 'packages', 'cli', 'bin', 'svc.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The bundled command line, as a user calls it. */
export async function svc(args: readonly string[], options: CallOptions): Promise<Ended> {
  return start(args, options).ended;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export function start(args: readonly string[], { cwd, env = {} }: CallOptions): Started {
  const child = spawn(process.execPath, [SVC, ...args], {
    cwd,
    // Tests of steps want them to run; those of the cache switch it on, with a folder of their own.
    env: { ...process.env, CI: '', NO_COLOR: '1', GITHUB_ACTIONS: '', SVC_CACHE: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', chunk => (stdout += chunk));
  child.stderr.on('data', chunk => (stderr += chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

/** A build that must succeed, with the events it told. */
export async function build(
  cwd: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<SvcEvent[]> {
  const ended = await svc(['build', '--json', ...args], { cwd, env });
  if (ended.code !== 0)
    throw new Error(`svc build ended with ${ended.code}:\n${ended.stderr}\n${ended.stdout.slice(-6000)}`);
  return eventsIn(ended.stdout);
}

export function eventsIn(stdout: string): SvcEvent[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as SvcEvent);
}

export function outputOf(events: readonly SvcEvent[], step: string): string[] {
  return events.flatMap(event => (event.type === 'step.output' && event.step === step ? [event.line] : []));
}

const folders: string[] = [];
afterAll(async () => {
  await Promise.all(
    folders.splice(0).map(folder => rm(folder, { recursive: true, force: true, maxRetries: 5 })),
  );
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'svc-e2e-'));
  folders.push(folder);
  return folder;
}

export async function copyFixture(name: string): Promise<string> {
  const folder = join(await temporaryFolder(), name);
  const generated = /(^|\/)(node_modules|dist|\.next|\.svc|\.vercel)$/;
  await cp(join(REPOSITORY, 'fixtures', name), folder, {
    recursive: true,
    filter: path => !generated.test(path),
  });
  return folder;
}

/** A project of these files; objects are written as JSON. */
export async function projectOf(files: Readonly<Record<string, string | object>>): Promise<string> {
  const folder = join(await temporaryFolder(), 'project');
  await writeFiles(folder, files);
  return folder;
}

export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | object>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(
      join(folder, path),
      typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`,
    );
  }
}
