import type { DeployedFunction } from '../deployment/function-config.ts';
import type { Endpoint } from '../proxy/connection.ts';
import { ConnectionPool } from '../proxy/pool.ts';
import { type LaunchContext, planLaunch } from './launch-plans.ts';
import { describeEnd, type FunctionProcess, StartError, startProcess } from './processes.ts';

/** A process of a function that takes requests. */
export interface Instance {
  readonly pool: ConnectionPool;
  readonly endpoint: Endpoint;
  /** How it ended, once it has. */
  readonly ended: Promise<string>;
  /** A request is on its way to it. */
  begin(): void;
  /** A request is done; `answered` when an answer of the function came back. */
  finish(answered: boolean): void;
}

export interface HostOptions {
  readonly fn: DeployedFunction;
  readonly context: () => Promise<LaunchContext>;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Milliseconds from the start until it accepted requests. */
  readonly onStarted: (duration: number) => void;
  /** It ended though nobody stopped it, or did not come up. */
  readonly onProblem: (cause: string) => void;
  /** Milliseconds between SIGTERM and SIGKILL when it is stopped. */
  readonly grace: number;
}

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;

/**
 * One function: at most one process takes its requests, all of them at the same time. It starts when it is first asked for,
 * and again when it has ended; after failing several times in a row, later and later.
 */
export class FunctionHost {
  private current: Promise<LiveInstance> | undefined;
  private readonly live = new Set<LiveInstance>();
  private failures = 0;
  private notBefore = 0;
  private isClosed = false;

  constructor(private readonly options: HostOptions) {}

  /** The process that takes requests, started if there is none. @throws StartError when it does not come up. */
  acquire(): Promise<Instance> {
    if (this.isClosed) return Promise.reject(new StartError('svc is stopping'));
    this.current ??= this.start();
    return this.current;
  }

  /** Lets a process finish what it does and stop; the next request gets a new one. For one that may be stuck. */
  retire(instance: Instance): void {
    for (const candidate of this.live) {
      if (candidate !== instance) continue;
      this.forget(candidate);
      candidate.stopWhenIdle();
    }
  }

  /** Stops all its processes. Resolves when they and everything they started have ended. */
  async close(): Promise<void> {
    this.isClosed = true;
    // One that is starting now is live when it has come up, or has ended.
    await this.current?.catch(() => undefined);
    const live = [...this.live];
    for (const instance of live) instance.stop();
    await Promise.all(live.map(({ ended }) => ended));
  }

  private async start(): Promise<LiveInstance> {
    try {
      await this.wait();
      const began = performance.now();
      const context = await this.options.context();
      const started = await startProcess({
        plan: await planLaunch(this.options.fn, context),
        folder: context.folder,
        onLine: this.options.onLine,
        startTimeout: context.startTimeout,
        grace: this.options.grace,
      });
      this.options.onStarted(performance.now() - began);
      const instance = new LiveInstance(started);
      this.live.add(instance);
      this.watch(instance, started);
      if (this.isClosed) instance.stop();
      return instance;
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.current = undefined;
      this.failed();
      this.options.onProblem(`it did not start: ${error.message}`);
      throw error;
    }
  }

  private watch(instance: LiveInstance, started: FunctionProcess): void {
    void started.ended.then(end => {
      this.forget(instance);
      this.live.delete(instance);
      if (instance.isStopped) return;
      if (instance.hasAnswered) this.failures = 0;
      this.failed();
      this.options.onProblem(describeEnd(end));
    });
  }

  private forget(instance: LiveInstance): void {
    void this.current?.then(
      current => {
        if (current === instance) this.current = undefined;
      },
      () => undefined,
    );
  }

  /** The first restart is at once: one crash now and then must cost nobody else anything. */
  private failed(): void {
    const delay =
      this.failures === 0 ? 0 : Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(this.failures - 1, 16));
    this.failures++;
    this.notBefore = performance.now() + delay;
  }

  private async wait(): Promise<void> {
    const delay = this.notBefore - performance.now();
    if (delay > 0 && !this.isClosed) await new Promise(resolve => setTimeout(resolve, delay));
  }
}

class LiveInstance implements Instance {
  readonly pool: ConnectionPool;
  readonly endpoint: Endpoint;
  readonly ended: Promise<string>;
  isStopped = false;
  hasAnswered = false;
  private requests = 0;
  private isRetired = false;

  constructor(private readonly process: FunctionProcess) {
    this.endpoint = process.endpoint;
    this.pool = new ConnectionPool(process.endpoint);
    this.ended = process.ended.then(end => {
      this.pool.close();
      return describeEnd(end);
    });
  }

  begin(): void {
    this.requests++;
  }

  finish(answered: boolean): void {
    this.requests--;
    if (answered) this.hasAnswered = true;
    if (this.isRetired && this.requests === 0) this.stop();
  }

  stopWhenIdle(): void {
    this.isRetired = true;
    if (this.requests === 0) this.stop();
  }

  stop(): void {
    this.isStopped = true;
    this.pool.close();
    this.process.stop();
  }
}
