import { resolve } from 'node:path';
import {
  areSurroundingsUnchanged,
  type LastBuild,
  nowMs,
  type Retaken,
  readLastBuild,
  retakeInventory,
} from '@svc/cache';
import type { BuildOptions } from '../build/options.ts';
import { hasLastPlan, isSettings, type LastPlan, readLastPlan } from './last-plan.ts';
import { lastBuildFile, lastTarget, nearestProject, surroundings } from './warm.ts';

/** The last build of a project of which nothing but the content of some files has changed since. */
export interface Recalled extends Retaken {
  readonly last: LastBuild;
  readonly plan: LastPlan;
  /** When the look at the files was begun, milliseconds since 1970. */
  readonly takenAt: number;
}

/** The folder of a project whose last build left its plan, where these options allow to follow it. */
export function projectWithPlan(options: BuildOptions): string | undefined {
  if (!options.cache.output || options.filter || options.isolation === 'none') return undefined;
  const project = nearestProject(resolve(options.directory));
  return hasLastPlan(project) ? project : undefined;
}

/**
 * Finds out by file status whether the last build's plan still holds but for the services that see a changed file. Undefined
 * when the project has to be planned from the beginning: no such record, other options or surroundings, a file that came or
 * went, a change in a file that the plan follows from.
 */
export async function recall(project: string, options: BuildOptions): Promise<Recalled | undefined> {
  const last = readLastBuild(lastBuildFile(project));
  if (!last || last.header.target !== lastTarget(options, project)) return undefined;
  const plan = readLastPlan(project, last);
  if (!plan || !areSurroundingsUnchanged(last, surroundings(options, last.header.target))) return undefined;
  if (variableNames() !== plan.variables.join()) return undefined;
  const reads = new Set(plan.reads);
  const takenAt = nowMs();
  const retaken = await retakeInventory({
    last,
    repositories: plan.listing.repositories,
    decides: path => reads.has(path) || isSettings(path),
  });
  return retaken && { ...retaken, last, plan, takenAt };
}

function variableNames(): string {
  return Object.keys(process.env).sort().join();
}
