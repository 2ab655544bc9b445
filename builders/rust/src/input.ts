import type { JsonObject } from '@svc/contracts';

/** A program of a package. Folders are POSIX paths relative to the service's root. */
export type Program = {
  /** Holds the package's `Cargo.toml`; where cargo runs. */
  readonly folder: string;
  /** The package's name. */
  readonly package: string;
  /** The binary target's name. */
  readonly name: string;
  /** Features without which cargo refuses to build the target. */
  readonly features: readonly string[];
};

/** What the planner tells the tool that fetches. */
export type FetchInput = {
  /** The service's root as the user would type it from the project's folder. */
  readonly root: string;
  /** Where cargo runs. */
  readonly folder: string;
  /** Holds the manifest of the cargo workspace, or of the package itself, and `Cargo.lock`. */
  readonly workspace: string;
  /** Sources of workspace members that the service does not need but cargo wants to be there. */
  readonly stubs: readonly string[];
  /** The service's package and those it is made of that lie in the project: folders and names. */
  readonly packages: readonly { readonly folder: string; readonly name: string }[];
  /** Triples that are built for beside the building machine's. */
  readonly targets: readonly string[];
};

/** What the planner tells the tool that makes the function. */
export type BuildInput = FetchInput & {
  /** Null when the build command makes the program. */
  readonly program: Program | null;
  /** Names that a program of the service may have, for finding what a build command has made. */
  readonly names: readonly string[];
  /** What lay where a build command usually leaves its program before it ran, relative to the service's root. */
  readonly known: readonly string[];
  /** It is written with the crate `vercel_runtime` and speaks to the platform itself. */
  readonly isRuntimeCrate: boolean;
  /** Whether the manifest leaves it to svc to strip symbols. */
  readonly strips: boolean;
  /** The settings of `functions` that apply. */
  readonly settings: JsonObject;
};

/** The function's, as the vendor calls it (section 5 of the services reference). */
export function functionName(isRuntimeCrate: boolean): string {
  return isRuntimeCrate ? 'index' : 'rust';
}

/** Below the service's root in its working copy. */
export const WORK_FOLDER = '.svc-rust';
/** What `VERCEL_OUTPUT_FILE` names for a build command. */
export const OUTPUT_FILE = `${WORK_FOLDER}/user-server`;
