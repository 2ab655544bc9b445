import type { Failure, WorkingView } from '@svc/contracts';
import type { Ground, Rules } from '../visibility.ts';

/**
 * A way to give each step its own view of the project. Every implementation passes the suite in
 * `test/isolation-conformance.ts`, as far as it does not list a promise under `unpromised`.
 */
export interface Isolation {
  readonly name: IsolationName;
  /** Promises of the design that this level cannot keep here, each a short sentence for the summary. */
  readonly unpromised: readonly string[];
  /** Makes or brings up to date the working copy `request.id`. */
  open(request: CopyRequest): Promise<WorkingCopy>;
  /** Removes what lies outside the project. */
  close(): Promise<void>;
}

export type IsolationName = 'mounts' | 'copy' | 'strict' | 'none';

export interface CopyRequest {
  /** Names the copy's folder below `.svc/work`. */
  readonly id: string;
  readonly rules: Rules;
  /** The finished install whose packages this copy stands on. */
  readonly base: WorkingCopy | null;
  /** Folders that survive from the last run, relative to the boundary. */
  readonly caches: readonly string[];
  /** Keep everything that the last run left: for installs that are still right. */
  readonly keep: boolean;
}

export interface WorkingCopy {
  readonly id: string;
  /** The service's output tree; absolute, and the same path inside and outside the isolation. */
  readonly output: string;
  /** Where a tool leaves its `ToolReport`; absolute, the same inside and outside. */
  readonly report: string;
  /** Absolute path of the private home folder, and of the temp folder, as the step sees them. */
  readonly home: string;
  readonly temp: string;
  /** The boundary as the step sees it. */
  readonly boundary: string;
  readonly view: WorkingView;
  /** Where the step finds one of svc's own programs. */
  toolPath(module: string, folders: readonly ToolFolder[]): string;
  /** Wraps a command so that it sees this copy. */
  wrap(command: IsolatedCommand): WrappedCommand;
  /** Empties what a step is about to make, where a working copy may still hold it from an earlier run. */
  empty(paths: readonly string[]): Promise<void>;
  /** What the last command did although it may not: undeclared reads, connections. Empty where nobody watches. */
  violations(): Promise<readonly Failure[]>;
}

export interface IsolatedCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Relative to the boundary. */
  readonly cwd: string;
  readonly network: boolean;
  /** Absolute folders of this machine that the command needs and that the isolation might otherwise hide. */
  readonly needs: readonly Exposure[];
  /** Folders that svc's own programs load from: shown at `/tmp/.svc-tools/<name>` where the isolation has mounts. */
  readonly tools?: readonly ToolFolder[];
}

export interface ToolFolder {
  /** Absolute. */
  readonly from: string;
  readonly name: string;
}

export interface Exposure {
  readonly path: string;
  readonly writable: boolean;
}

export interface WrappedCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Everything the command starts ends with it, by construction. */
  readonly sealed: boolean;
}

/** What an isolation is made for: one run in one project. */
export interface IsolationContext {
  readonly ground: Ground;
  /** Absolute path of `.svc/work`. */
  readonly work: string;
}
