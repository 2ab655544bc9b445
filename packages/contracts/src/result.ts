import type { Failure } from './failure.ts';

/**
 * What a phase returns. A failure that a user can cause is a value; an exception is a bug of ours.
 * A phase reports all failures it can find, not the first.
 */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failures: readonly Failure[] };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failed(...failures: readonly Failure[]): { ok: false; failures: readonly Failure[] } {
  return { ok: false, failures };
}

/** Closes an exhaustive switch: the compiler refuses a case that was forgotten. */
export function never(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
