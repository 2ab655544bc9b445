import type { JsonObject } from '@svc/contracts';

/** The module that a program belongs to. Folders are POSIX paths relative to the service's root. */
export type GoModule = {
  /** Holds `go.mod`; where go runs. */
  readonly folder: string;
  /** Holds the `go.work` that uses the module; null without a workspace. */
  readonly workspace: string | null;
};

/** What the planner tells the tool that downloads. */
export type DownloadInput = {
  readonly module: GoModule;
  /** The service's root as the user would type it from the project's folder. */
  readonly root: string;
};

/** What the planner tells the tool that makes the function. */
export type BuildInput = DownloadInput & {
  /** Folder of the main package, relative to the service's root; null when the build command makes the program. */
  readonly package: string | null;
  /** What lay where a build command usually leaves its program before it ran, relative to the service's root. */
  readonly known: readonly string[];
  /** The settings of `functions` that apply. */
  readonly settings: JsonObject;
};

/** Below the service's root in its working copy. */
export const WORK_FOLDER = '.svc-go';
/** What `VERCEL_OUTPUT_FILE` names for a build command. */
export const OUTPUT_FILE = `${WORK_FOLDER}/user-server`;
