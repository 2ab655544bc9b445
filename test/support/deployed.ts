import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { SvcEvent } from '@svc/contracts';
import { build, copyFixture, temporaryFolder } from './cli.ts';

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
