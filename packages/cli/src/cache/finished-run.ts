import type { Assembled } from '@svc/assembler';
import type { Notice } from '@svc/contracts';
import type { RunResult } from '@svc/queue';
import type { BuildOptions } from '../build/options.ts';
import type { Build } from '../build/plan.ts';
import type { Decided } from './decide.ts';

/** A run that has ended with a deployment. */
export interface FinishedRun {
  readonly build: Build;
  readonly options: BuildOptions;
  readonly decided: Decided;
  readonly result: RunResult;
  readonly deployment: Assembled;
  /** What the run warned of before its first step: a build with nothing to do warns of it again. */
  readonly notices: readonly Notice[];
}
