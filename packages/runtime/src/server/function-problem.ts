import type { DeployedFunction } from '../deployment/function-config.ts';
import type { Instance } from '../functions/host.ts';

/** Milliseconds to wait for the end of a process that has broken off, since its end tells more than the broken line. */
const PATIENCE_FOR_CAUSE = 500;

/** A function gave no answer, for a reason that becomes an error page and a line in the log. */
export class FunctionProblem extends Error {
  constructor(
    readonly status: 501 | 502 | 504,
    message: string,
  ) {
    super(message);
  }
}

/** The time that a function has, in words. */
export function durationLimit({
  maxDuration,
  firstByteTimeout,
}: Pick<DeployedFunction, 'maxDuration' | 'firstByteTimeout'>): string {
  if (maxDuration !== null) return `its maxDuration of ${maxDuration / 1000} s`;
  return `the ${(firstByteTimeout ?? 0) / 1000} s that it has to begin its answer`;
}

/** Whether a process that takes no connections has ended, or does so in a moment. */
export async function hasEnded(instance: Instance): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, PATIENCE_FOR_CAUSE, false);
  });
  return Promise.race([instance.ended.then(() => true), patience]).finally(() => clearTimeout(timer));
}

/** Why a request to a process has failed: how the process ended, if it did. */
export async function causeOf(instance: Instance, error: Error): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<string>(resolve => {
    timer = setTimeout(resolve, PATIENCE_FOR_CAUSE, error.message);
  });
  return Promise.race([instance.ended, patience]).finally(() => clearTimeout(timer));
}
