import type { ChildEnd } from '@svc/process';
import type { Endpoint } from '../proxy/connection.ts';
import { RUN_VARIABLE } from '../watchdog/kill-run.ts';
import type { RunFolder } from './run-folder.ts';

/** How a function is started and how its start is noticed. */
export interface LaunchPlan {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Resolves when the function accepts requests; rejects when it says that it cannot. Gives up when aborted. */
  ready(signal: AbortSignal): Promise<Endpoint>;
  /** Removes what the process does not take with it when it ends. Called when it has ended. Never rejects. */
  cleanUp?(): Promise<void>;
}

export interface ProcessOptions {
  readonly plan: LaunchPlan;
  readonly folder: RunFolder;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
  /** See `ChildSpec.pace`. */
  readonly pace?: () => number;
  /** Milliseconds until the function must accept requests. */
  readonly startTimeout: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly grace: number;
  /** Gives up and stops it while it starts. */
  readonly signal?: AbortSignal;
}

/** A running function. */
export interface FunctionProcess {
  readonly endpoint: Endpoint;
  /** Of the process that leads the function's others. */
  readonly pid: number;
  /** Resolves when it and everything it started have ended, for whatever reason. */
  readonly ended: Promise<ChildEnd>;
  /** Resolves when what it leaves behind has been removed as well: a container. */
  readonly cleaned: Promise<void>;
  stop(): void;
}

/** A function did not come up. */
export class StartError extends Error {}

/** Starts a function in a process group of its own and waits until it accepts requests. @throws StartError */
export async function startProcess(options: ProcessOptions): Promise<FunctionProcess> {
  const { plan, folder, grace, startTimeout } = options;
  const { runChild } = await import('@svc/process');
  const stopping = new AbortController();
  const waiting = new AbortController();
  let pid = 0;
  const ended = runChild({
    onSpawn: spawned => {
      pid = spawned;
    },
    file: plan.file,
    args: plan.args,
    cwd: plan.cwd,
    env: { ...plan.env, [RUN_VARIABLE]: folder.run },
    onLine: options.onLine,
    ...(options.pace ? { pace: options.pace } : {}),
    signal: stopping.signal,
    grace,
  });
  const cleaned = ended.then(() => plan.cleanUp?.());
  const timer = setTimeout(() => waiting.abort(), startTimeout);
  const died = ended.then(end => {
    throw new StartError(describeEnd(end));
  });
  const late = new Promise<never>((_, reject) => {
    waiting.signal.addEventListener('abort', () =>
      reject(new StartError(`it did not accept requests within ${startTimeout / 1000} s`)),
    );
  });
  const giveUp = () => stopping.abort();
  options.signal?.addEventListener('abort', giveUp, { once: true });
  if (options.signal?.aborted) giveUp();
  try {
    const endpoint = await Promise.race([plan.ready(waiting.signal), died, late]);
    return { endpoint, pid, ended, cleaned, stop: () => stopping.abort() };
  } catch (error) {
    stopping.abort();
    await cleaned;
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
    clearTimeout(timer);
    waiting.abort();
    died.catch(() => undefined);
    late.catch(() => undefined);
  }
}

/** How a process ended, in words: `it ended with exit code 1`. */
export function describeEnd({ exitCode, signal, startError }: ChildEnd): string {
  if (startError) return `it could not be started: ${startError.message}`;
  return signal === null ? `it ended with exit code ${exitCode}` : `it was ended by ${signal}`;
}
