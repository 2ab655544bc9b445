import type { Position } from './position.ts';

/** Something that does not stop the run but that will surprise the user later. */
export interface Notice {
  /** Stable name of the kind of warning, for filtering: `unreachable-service`, `catch-all-not-last`, … */
  readonly code: string;
  readonly service?: string;
  readonly message: string;
  readonly help?: string;
  readonly position?: Position;
}
