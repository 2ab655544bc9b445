import type { JsonObject } from '@svc/contracts';

/** What the planner tells the tool that installs a builder package. */
export type InstallInput = {
  readonly package: string;
  readonly wanted: string | null;
  /** Path from the boundary to the project's folder, where `svc-builders.json` is. */
  readonly project: string;
};

/** What the planner tells the tool that runs a builder package. All paths are POSIX. */
export type BuildInput = InstallInput & {
  readonly service: string;
  /** The service's root as the user would type it from the project's folder. */
  readonly root: string;
  /** Relative to the service's root. */
  readonly entrypoint: string;
  readonly framework: string | null;
  /** The service's `functions`, as configured. */
  readonly functions: JsonObject;
  readonly installCommand: string | null;
  readonly buildCommand: string | null;
  readonly outputDirectory: string | null;
  /** Whether svc has installed the service's packages already, so that the builder need not. */
  readonly isInstalled: boolean;
  /** Folders below the root that are kept between builds: what lies in them is no source. */
  readonly caches: readonly string[];
  /** Milliseconds after which the build counts as hanging. */
  readonly timeLimit: number;
};

/** The lockfile of the builder packages that a project uses beyond those that svc pins itself. */
export const PROJECT_LOCK = 'svc-builders.json';

/** Left in the service's output by the install step where that lockfile lacks an entry; `finish` takes it from there. */
export const NEW_LOCK_ENTRY = '.svc-builder-lock.json';
