import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result } from '@svc/contracts';
import type { ServiceState } from '../events.ts';
import type { ServiceContext, Way } from './dev-service.ts';
import type { LastLines } from './last-lines.ts';
import { runDraft, type StepPlace } from './steps.ts';

export interface PrepareContext extends ServiceContext {
  readonly lines: LastLines;
  readonly onLine: StepPlace['onLine'];
  readonly pace: () => number;
  readonly signal: AbortSignal;
  readonly mark: Readonly<Record<string, string>>;
  readonly enter: (state: ServiceState) => void;
}

/** Everything before a service starts: its packages, what its builder installs, packages of the workspace, its own build. */
export async function prepare(way: Way, context: PrepareContext): Promise<Result<void>> {
  const { developed, env } = way;
  const { development, install, dependencies } = developed;
  if (install) {
    const installed = await context.installs.ensure(install, () => context.enter('installing'));
    if (!installed.ok || context.signal.aborted) return installed;
  }
  const place: StepPlace = {
    ...context,
    tools: context.tools(),
    cwd: join(context.boundary, developed.directory),
    env,
    // Several tools may be at work under one folder in turn, never at once.
    state: context.state,
  };
  const own = await installOwn(way, place, context);
  if (!own.ok || context.signal.aborted) return own;
  for (const step of dependencies) {
    context.enter('preparing');
    const built = await runDraft(step, { ...place, cwd: join(context.boundary, step.cwd) });
    if (!built.ok || context.signal.aborted) return built;
  }
  for (const step of development.prepare) {
    context.enter('preparing');
    const done = await runDraft(step, place);
    if (!done.ok || context.signal.aborted) return done;
  }
  return ok(undefined);
}

/** What the builder installs, when the manifests or the steps are not those of the last time. */
async function installOwn(way: Way, place: StepPlace, context: PrepareContext): Promise<Result<void>> {
  const { development, directory } = way.developed;
  if (development.install.length === 0) return ok(undefined);
  const stamp = join(context.state, 'install.stamp');
  const digest = await digestOf(way, directory, context);
  const isThere = (development.programs ?? []).every(folder => existsSync(folder));
  const last = await readFile(stamp, 'utf8').catch(() => undefined);
  if (last === digest && isThere) return ok(undefined);
  context.enter('installing');
  await rm(stamp, { force: true });
  for (const step of development.install) {
    const done = await runDraft({ ...step, kind: 'install' }, place);
    if (!done.ok || context.signal.aborted) return done;
  }
  await mkdir(context.state, { recursive: true });
  await writeFile(stamp, digest);
  return ok(undefined);
}

async function digestOf(way: Way, directory: string, context: PrepareContext): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([way.developed.development.install, context.state]));
  for (const path of await context.installs.manifestsIn(directory)) {
    const content = await readFile(join(context.boundary, path)).catch(() => Buffer.alloc(0));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
