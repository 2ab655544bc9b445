import { type Failure, type Phase, phaseOfFailure } from './failure.ts';

/** The exit codes of the command line: a band of ten a phase, so that a script can tell who failed. */
export const EXIT = { done: 0, bug: 1, usage: 2, hungUp: 129, interrupted: 130, terminated: 143 } as const;

const BAND: Record<Phase, number> = { usage: 2, config: 10, plan: 20, build: 30, assemble: 40, start: 50 };

/** The exit code of a run that ended with these failures: that of the earliest phase among them. */
export function exitCodeFor(failures: readonly Failure[]): number {
  if (failures.length === 0) return EXIT.bug;
  return Math.min(...failures.map(failure => BAND[phaseOfFailure(failure.code)]));
}
