import type { JsonObject } from '@svc/contracts';

/** What the planner tells the bundling tool, as JSON. All paths are POSIX. */
export type BundleInput = {
  /** The entrypoint, relative to the service's root; null when it can only be in `outputDirectory`. */
  readonly entrypoint: string | null;
  /** A folder relative to the service's root whose entrypoint, if the build left one there, comes first. */
  readonly outputDirectory: string | null;
  /** Whether a build command ran, so that a missing file is the build's doing. */
  readonly built: boolean;
  /** Path from the boundary to the project's folder: positions in failures are relative to the project. */
  readonly project: string;
  readonly framework: string | null;
  /** Major version of the Node that the function is to run on. */
  readonly nodeVersion: number;
  /** The service's `functions`, in order: the first that fits the entrypoint applies. */
  readonly functions: JsonObject;
};
