import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type LastBuild, sha256 } from '@svc/cache';
import type { Plan, Project } from '@svc/contracts';

/**
 * What the last finished build found out before its first step, so that a build after an edit need not find it out again.
 * Beside the record of that build, which says by a digest that the two belong together.
 */
export interface LastPlan {
  readonly version: 1;
  readonly project: Project;
  readonly plan: Plan;
  /** Paths relative to the boundary of files that the configuration or the planner has read: a change there is one of the plan. */
  readonly reads: readonly string[];
  /** Names of all variables that the caller had set: warnings follow from them. */
  readonly variables: readonly string[];
  /** Whether services of one workspace saw each other's files. */
  readonly sharesWorkspaces: boolean;
  readonly listing: {
    readonly ignored: readonly string[];
    readonly openIgnored: readonly string[];
    /** Inputs that git ignores. */
    readonly unlisted: readonly string[];
    readonly repositories: readonly string[];
  };
}

function fileOf(project: string): string {
  return join(project, '.svc', 'last-plan.json');
}

export function hasLastPlan(project: string): boolean {
  return existsSync(fileOf(project));
}

/** Undefined where the last build left none, or none that belongs to it. */
export function readLastPlan(project: string, last: LastBuild): LastPlan | undefined {
  if (!last.header.plan) return undefined;
  let text: Buffer;
  try {
    text = readFileSync(fileOf(project));
  } catch {
    // Whatever it cannot be read for: the project is planned from the beginning.
    return undefined;
  }
  return sha256(text).toString('hex') === last.header.plan
    ? (JSON.parse(text.toString('utf8')) as LastPlan)
    : undefined;
}

/** Gives the digest by which the record of the build names it. `before`: the digest of the one that is there. */
export function writeLastPlan(project: string, plan: LastPlan, before: string | null): string {
  const text = JSON.stringify(plan);
  const digest = sha256(text).toString('hex');
  const file = fileOf(project);
  if (digest === before && existsSync(file)) return digest;
  mkdirSync(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, text, { mode: 0o600 });
  renameSync(aside, file);
  return digest;
}

/** Kinds of files that say what a project is, wherever they lie: manifests, lockfiles, settings. By ending. */
const SETTINGS = new Set(
  'json jsonc json5 toml yaml yml lock lockb mod sum work cfg ini conf xml gradle properties env'.split(' '),
);

/**
 * Whether a plan may follow from a file although neither configuration nor planner have read it: builders read manifests of
 * services that do not see them. Files without an ending (`Dockerfile`, `Procfile`) and hidden ones (`.npmrc`) are settings.
 */
export function isSettings(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 || SETTINGS.has(name.slice(dot + 1).toLowerCase());
}
