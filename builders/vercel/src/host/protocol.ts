import type { BuildInput } from '../input.ts';

/** What the tool tells the process that it starts for a builder package. Absolute paths as the step sees them. */
export interface HostRequest {
  readonly input: BuildInput;
  /** Folder in which the package is installed. */
  readonly installed: string;
  readonly boundary: string;
  readonly root: string;
  readonly output: string;
}

/** What that process says last. */
export type HostAnswer =
  | { readonly type: 'built' }
  | { readonly type: 'failed'; readonly stage: Stage; readonly error: HostError };

/** How far it had come: loading the package, its `build`, or making files of what it returned. */
export type Stage = 'load' | 'build' | 'write';

/** An error as plain data, with what the vendor's `NowBuildError` adds. */
export interface HostError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly code: string | null;
  /** A page about it. */
  readonly link: string | null;
  /** What that page helps to do. */
  readonly action: string | null;
  /** Whether its author meant it for the user of the package rather than for its developer. */
  readonly isMeantForUser: boolean;
}
