import type { Failure } from './failure.ts';
import type { JsonObject } from './json.ts';
import type { Notice } from './notice.ts';

/**
 * What will be done, as plain JSON (`svc plan --json`; schema in `plan.schema.json`). All paths are POSIX paths relative to
 * the boundary folder unless they say otherwise; nothing in a plan depends on where the checkout lies, on the clock or
 * on the values of variables.
 */
export interface Plan {
  readonly version: 1;
  /** Path from the boundary to the project's folder; `.` unless a workspace above claims the project. */
  readonly project: string;
  readonly services: readonly ServicePlan[];
  /** Everything that runs, each step after those it needs. */
  readonly steps: readonly Step[];
  readonly warnings: readonly Notice[];
}

export interface ServicePlan {
  readonly name: string;
  /** As configured, relative to the project's folder. */
  readonly root: string;
  /** The same folder, relative to the boundary. */
  readonly directory: string;
  readonly framework: { readonly slug: string; readonly name: string } | null;
  /** Why this framework or runtime: `"framework" in vercel.json`, `dependency "vite" in package.json`, … */
  readonly detectedFrom: string;
  /** Other frameworks that matched too and lost by priority. */
  readonly alsoMatched: readonly string[];
  readonly runtime: string | null;
  readonly builder: { readonly name: string; readonly version: string };
  /** Relative to the service's root; null for services without code of their own. */
  readonly entrypoint: string | null;
  /** `attr` of a `module:attr` entrypoint. */
  readonly handler: string | null;
  readonly packageManager: PackageManager | null;
  /** Folder of the workspace root or lockfile that installs for this service; null when nothing is installed. */
  readonly workspace: string | null;
  /** Ids of this service's steps in the order in which they run, shared install steps included. */
  readonly steps: readonly string[];
  readonly inputs: InputSet;
  readonly env: EnvPlan;
  /** Where the build leaves its result, relative to the service's root; null when there is none to collect. */
  readonly outputDirectory: string | null;
  /** What the builder wants to find again when it finishes the service. Private to the builder. */
  readonly builderData: JsonObject;
}

export interface PackageManager {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** Exact or major version where `packageManager` or the lockfile tells, else null. */
  readonly version: string | null;
  /** Path of the lockfile; null when there is none. */
  readonly lockfile: string | null;
  /** What decided: `pnpm-lock.yaml`, `"packageManager" in package.json`, `default`. */
  readonly decidedBy: string;
}

/** What a service's steps see of the project. */
export interface InputSet {
  /** Folders whose files are inputs: the service's own root first, then workspace packages it depends on. */
  readonly roots: readonly string[];
  /** Single files outside `roots` that are inputs: lockfiles, workspace manifests, shared configuration up the tree. */
  readonly files: readonly string[];
  /** `.env*` files that the framework reads although git may ignore them. */
  readonly envFiles: readonly string[];
  /** How many files `roots`, `files` and `envFiles` amount to. */
  readonly count: number;
}

/** The variables that a service's steps receive beyond the base set. Names only: values never enter a plan. */
export interface EnvPlan {
  /** Names that `svc.json` admits. */
  readonly names: readonly string[];
  /** Prefixes that the framework admits, such as `VITE_`. */
  readonly prefixes: readonly string[];
  /** Declared env files, relative to the boundary. */
  readonly files: readonly string[];
}

export type StepKind = 'install' | 'ignore' | 'build' | 'bundle';

/** One command with all that it may touch. */
export interface Step {
  /** `install:<folder>` when shared, else `<service>:<kind>`. */
  readonly id: string;
  readonly kind: StepKind;
  /** Whose working copy it runs in; null for an install that several services share. */
  readonly service: string | null;
  /** For people: the command as they would type it. */
  readonly label: string;
  readonly command: Command;
  /** Folder it runs in. */
  readonly cwd: string;
  /** Variables set by the plan itself, on top of the service's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** May open connections. Install steps may; the others may not in the `strict` level. */
  readonly network: boolean;
  /** Folders (or files) it must leave behind. Emptied before it runs. */
  readonly outputs: readonly string[];
  /** Folders that survive from one run to the next; everything else that a step left is discarded first. */
  readonly caches: readonly string[];
  /** Ids of steps that must have succeeded. */
  readonly needs: readonly string[];
  /** Services it runs for. */
  readonly services: readonly string[];
}

/** What a tool leaves in the file that `SVC_REPORT` names: why it failed, and what its user should know. */
export interface ToolReport {
  readonly failures: readonly Failure[];
  readonly notices: readonly Notice[];
}

export type Command =
  /** A line for the shell. */
  | { readonly type: 'shell'; readonly line: string }
  /** A program of a builder's own: a JavaScript module run by this Node in the step's isolation, with its input as JSON. */
  | { readonly type: 'tool'; readonly tool: string; readonly input: JsonObject };
