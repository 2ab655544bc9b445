import { utimesSync } from 'node:fs';
import { forgetLastBuild, type LastBuild, lookAgain, writeLastBuild } from '@svc/cache';
import { describeBuild } from './describe-build.ts';
import type { FinishedRun } from './finished-run.ts';
import { writeLastPlan } from './last-plan.ts';
import { intactServices } from './moved-files.ts';
import { recordFile, timeOf, writeRecord } from './record.ts';
import { storeBuilt } from './store-built.ts';
import { lastBuildFile } from './warm.ts';

/**
 * After the user has their answer: stores what was built, and writes down what it was built from. A service one of whose
 * inputs changed during the build gets neither, since nobody knows which of the two states its steps have read.
 */
export async function remember(run: FinishedRun): Promise<void> {
  const { build, decided } = run;
  const { inventory, takenAt } = decided;
  const again = lookAgain(build.project.boundary, inventory, takenAt);
  const { changed } = again;
  const isSteady = (name: string) => {
    const key = decided.keys.services.get(name);
    return key !== undefined && ![...changed].some(path => key.inputs.sees(path));
  };
  const keys = deployedKeys(run, isSteady);
  const file = lastBuildFile(build.project.directory);
  // Until the new record is written there is none: the old one speaks of another deployment.
  forgetLastBuild(file);
  writeParts(run, keys);
  const manifest = await storeBuilt(run, isSteady);
  if (inventory.hasStrangers || changed.size > 0) return;
  // What was neither read again nor moved may have been written to before it was copied: the next build looks closer.
  if (![...intactServices(decided.reused)].every(name => run.deployment.moved.has(name))) return;
  noteDown(file, build.project.directory, describeBuild(run, keys, again, manifest, await planOf(run)));
}

/** A build with nothing to do gives the record the time at which it was found to hold; until then it is not newer than this. */
function noteDown(file: string, project: string, build: LastBuild): void {
  writeLastBuild(file, build);
  const time = new Date(Math.floor(timeOf(recordFile(project)) ?? 0));
  utimesSync(file, time, time);
}

/** The key of what lies in the deployment, by service. */
function deployedKeys({ decided, result }: FinishedRun, isSteady: (name: string) => boolean) {
  return new Map(
    result.services.map(({ name, state }): readonly [string, string | null] => {
      const key = decided.keys.services.get(name)?.key ?? null;
      if (state === 'restored' || (state === 'kept' && decided.reused.has(name))) return [name, key];
      if (state === 'built') return [name, isSteady(name) ? key : null];
      if (decided.aside.has(name)) return [name, null];
      // Kept from before, by the user's choice: what it was built from is known from then.
      return [name, decided.last?.header.services.find(service => service.name === name)?.key ?? null];
    }),
  );
}

function writeParts({ build, decided }: FinishedRun, deployed: ReadonlyMap<string, string | null>): void {
  const { record } = decided;
  const parts = Object.fromEntries(
    [...deployed].flatMap(([name, key]) => {
      const now = decided.keys.services.get(name);
      const known = now && now.key === key ? now.parts : record.parts[name];
      return known ? [[name, known]] : [];
    }),
  );
  writeRecord(build.project.directory, { ...record, parts });
}

/** Keeps the plan for the next build, unless parts of it lie outside of what svc can see change: builders from elsewhere. */
async function planOf({ build, options, decided }: FinishedRun): Promise<string | null> {
  const { project, plan, sources, plugins, reads } = build;
  if (plugins.builders.size > 0 || options.filter) return null;
  const { recalled } = build;
  if (recalled?.isSame && recalled.sharesWorkspaces === decided.sharesWorkspaces)
    return decided.last?.header.plan ?? null;
  const listed = sources.listed();
  const lastPlan = {
    version: 1 as const,
    project,
    plan,
    reads: [...reads].sort(),
    variables: Object.keys(process.env).sort(),
    sharesWorkspaces: decided.sharesWorkspaces,
    listing: {
      ignored: await sources.ignored(),
      openIgnored: [...(await sources.openIgnored())],
      unlisted: [...decided.inventory.files.keys()].filter(path => !listed.has(path)),
      repositories: decided.inventory.repositories,
    },
  };
  return writeLastPlan(project.directory, lastPlan, decided.last?.header.plan ?? null);
}
