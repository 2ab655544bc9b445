import {
  type Emit,
  EXIT,
  exitCodeFor,
  type Failure,
  type Project,
  type Result,
  type SvcEvent,
} from '@svc/contracts';
import { killAllTrees } from '@svc/process';
import { chooseMode, createReporter, useColor } from '@svc/reporters';

/** What lasts from a command's first line to its last: where events go, and how the user stops it. */
export interface Session {
  readonly emit: Emit;
  /** Aborted when the user or the system asks svc to stop. */
  readonly signal: AbortSignal;
  /**
   * Makes sure that a deployment directory is ours to replace and takes the lock on it, which is released when the program
   * ends, however it ends. What a killed run left there is put right.
   */
  hold(project: Project, target: string): Promise<Result<unknown>>;
  /** Tells failures and gives the exit code for them. */
  refuse(failures: readonly Failure[]): number;
  /** The exit code of a run that was told to stop. */
  interrupted(): number;
}

const STOP_SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const;

export function openSession(options: { readonly json: boolean }): Session {
  const reporter = createReporter({
    mode: chooseMode({ env: process.env, stderrIsTTY: process.stderr.isTTY === true, json: options.json }),
    stdout: process.stdout,
    stderr: process.stderr,
    color: useColor(process.env, process.stderr.isTTY === true),
    columns: () => process.stderr.columns ?? 80,
    now: () => performance.now(),
  });
  // `svc build --json | head`: whoever stops reading has seen enough.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(EXIT.done);
    });
  }
  const stop = new AbortController();
  let stopped: (typeof STOP_SIGNALS)[keyof typeof STOP_SIGNALS] | undefined;
  for (const [name, code] of Object.entries(STOP_SIGNALS)) {
    process.on(name, () => {
      // Asked twice: the user does not want to wait for anything to end by itself.
      if (stopped !== undefined) process.exit(stopped);
      stopped = code;
      stop.abort();
    });
  }
  process.on('exit', () => {
    killAllTrees();
    reporter.close();
  });
  const emit = (event: SvcEvent) => reporter.emit(event);
  return {
    emit,
    signal: stop.signal,
    async hold(project, target) {
      const { checkTarget, lockOutput, recoverOutput } = await import('@svc/assembler');
      const allowed = await checkTarget(project, target);
      if (!allowed.ok) return allowed;
      const lock = await lockOutput(target);
      if (!lock.ok) return lock;
      process.on('exit', () => lock.value.release());
      return recoverOutput(target);
    },
    refuse(failures) {
      for (const failure of failures) emit({ type: 'failure', failure });
      // A phase that was told to stop has neither a result nor anything to complain of.
      return failures.length === 0 && stopped !== undefined ? stopped : exitCodeFor(failures);
    },
    interrupted: () => stopped ?? EXIT.interrupted,
  };
}
