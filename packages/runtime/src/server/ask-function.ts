import type { DeployedFunction } from '../deployment/function-config.ts';
import type { Instance } from '../functions/host.ts';
import { StartError } from '../functions/processes.ts';
import type { HeaderList } from '../http/header-list.ts';
import { type CallAnswer, call } from '../proxy/call.ts';
import { causeOf, durationLimit, FunctionProblem, hasEnded } from './function-problem.ts';
import type { Site } from './site.ts';

export interface Question {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  readonly body?: Buffer;
  /** Gives up early, such as when the client has left. */
  readonly signal?: AbortSignal;
}

/**
 * Lets a function answer a request that svc makes itself: middleware, what renews a prerendered page, the source of an
 * image. `use` reads the answer; the request is over, and counted as an invocation, when it is done.
 *
 * @throws FunctionProblem when the function cannot be run, breaks off or takes too long.
 */
export async function askFunction<T>(
  site: Site,
  fn: DeployedFunction,
  question: Question,
  use: (answer: CallAnswer) => Promise<T>,
): Promise<T> {
  try {
    return await askOnce(site, fn, question, use);
  } catch (error) {
    // A process ends a moment before that is known here: what is asked in that moment is for the next process.
    if (error instanceof NotAsked) return askOnce(site, fn, question, use);
    throw error;
  }
}

/** The process had ended before it was asked. */
class NotAsked extends FunctionProblem {}

async function askOnce<T>(
  site: Site,
  fn: DeployedFunction,
  question: Question,
  use: (answer: CallAnswer) => Promise<T>,
): Promise<T> {
  if (fn.runtime.type === 'unsupported') throw new FunctionProblem(501, fn.runtime.reason);
  const host = site.host(fn);
  let instance: Instance;
  try {
    instance = await host.acquire();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new FunctionProblem(502, `the function ${fn.name} did not start: ${error.message}`);
  }
  const limits = limitsOf(fn, question.signal);
  const began = performance.now();
  let isAnswered = false;
  try {
    const answer = await call({ ...question, endpoint: instance.endpoint, signal: limits.signal });
    limits.answered();
    isAnswered = true;
    return await use(answer);
  } catch (error) {
    if (question.signal?.aborted) throw error;
    if (limits.signal.aborted) {
      host.retire(instance);
      throw new FunctionProblem(504, `the function ${fn.name} took longer than ${limits.described()}`);
    }
    // What `use` makes of an answer is no failure of the function.
    if (isAnswered && !isBroken(error)) throw error;
    const cause = await causeOf(instance, error instanceof Error ? error : new Error(String(error)));
    const Problem =
      !isAnswered && isRefused(error) && (await hasEnded(instance)) ? NotAsked : FunctionProblem;
    throw new Problem(502, `the function ${fn.name} failed: ${cause}`);
  } finally {
    limits.end();
    instance.finish(isAnswered);
    site.meter.countInvocation(fn.service, performance.now() - began);
  }
}

/** Nobody accepts connections there any more. */
function isRefused(error: unknown): boolean {
  return isBroken(error) && /^(?:ECONNREFUSED|ENOENT)$/.test(String((error as NodeJS.ErrnoException).code));
}

/** Errors of a connection have a code; those of our own classes have none. */
function isBroken(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

/** A timer for the whole answer and one for its beginning, of which each may be missing. */
function limitsOf({ maxDuration, firstByteTimeout }: DeployedFunction, outer: AbortSignal | undefined) {
  const inner = new AbortController();
  const after = (milliseconds: number | null) =>
    milliseconds === null ? undefined : setTimeout(() => inner.abort(), milliseconds);
  const whole = after(maxDuration);
  const first = after(firstByteTimeout);
  return {
    signal: outer ? AbortSignal.any([inner.signal, outer]) : inner.signal,
    answered: () => clearTimeout(first),
    end: () => {
      clearTimeout(whole);
      clearTimeout(first);
    },
    described: () => durationLimit({ maxDuration, firstByteTimeout }),
  };
}
