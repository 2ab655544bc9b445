import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { SvcEvent } from '@svc/contracts';
import { afterAll } from 'vitest';
import { build, copyFixture, type Started, start, temporaryFolder } from './cli.ts';

const started: Started[] = [];
afterAll(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  await Promise.all(started.map(({ ended }) => ended));
});

export interface Running extends Started {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
}

/** `svc start` on a port of the system's choice, once it says that it is up. Stopped after the file's tests. */
export async function startDeployment(
  directory: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const program = start(['start', directory, '--port', '0', ...args], { cwd: directory, env });
  started.push(program);
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer) => {
      text += chunk;
      const [, found] = /runs on (http:\/\/[^\s"]+)/.exec(text) ?? [];
      if (found) resolve(found);
    };
    program.child.stdout?.on('data', look);
    program.child.stderr?.on('data', look);
    void program.ended.then(end => reject(new Error(`svc start ended with ${end.code}: ${end.stderr}`)));
  });
  return { ...program, url };
}

export interface Moved {
  /** The deployment in a folder of its own. */
  readonly deployment: string;
  readonly events: readonly SvcEvent[];
}

/** Builds a copy of a fixture, takes its deployment elsewhere, and renames the checkout away: nothing of it may be needed. */
export async function buildAndMove(
  fixture: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Moved> {
  const project = await copyFixture(fixture);
  const events = await build(project, args, env);
  const deployment = join(await temporaryFolder(), 'deployment');
  await cp(join(project, '.vercel/output'), deployment, { recursive: true, verbatimSymlinks: true });
  await rename(project, `${project}.gone`);
  return { deployment, events };
}
