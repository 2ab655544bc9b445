import { availableParallelism } from 'node:os';
import type { DeployedFunction } from '../deployment/function-config.ts';
import type { InstanceSums } from '../metering/instance-meter.ts';
import { type LaunchContext, planLaunch } from './launch-plans.ts';
import { type Instance, LiveInstance } from './live-instance.ts';
import { type FunctionProcess, StartError, startProcess } from './processes.ts';

export type { Instance } from './live-instance.ts';

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
  readonly sums: InstanceSums;
}

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;
/** Processes of one function, when each takes only so many requests: beyond this number requests wait for their turn. */
const MOST_INSTANCES = Math.max(4, 2 * availableParallelism());

/** A process, or one that is coming up, and how many requests it was given. */
interface Slot {
  readonly instance: Promise<LiveInstance>;
  /** Once it is up. */
  live?: LiveInstance;
  requests: number;
}

/**
 * One function: its process takes all its requests at the same time, unless `maxConcurrency` says how many; then there are
 * more processes. They start when they are first needed, and again when they have ended; after failing several times in a
 * row, later and later.
 */
export class FunctionHost {
  private slots: Slot[] = [];
  private readonly live = new Set<LiveInstance>();
  private readonly waiting: (() => void)[] = [];
  private failures = 0;
  private notBefore = 0;
  private isClosed = false;

  constructor(private readonly options: HostOptions) {}

  /**
   * A process for one request, which counts from here on until `finish`. @throws StartError when it does not come up.
   */
  async acquire(): Promise<Instance> {
    const most = this.options.fn.maxConcurrency ?? Number.POSITIVE_INFINITY;
    for (;;) {
      if (this.isClosed) throw new StartError('svc is stopping');
      const slot =
        this.slots.find(({ requests }) => requests < most) ??
        (this.slots.length < MOST_INSTANCES ? this.open() : undefined);
      if (slot) {
        slot.requests++;
        const instance = await slot.instance;
        instance.begin();
        return instance;
      }
      await new Promise<void>(resolve => this.waiting.push(resolve));
    }
  }

  /** The same for a process that is up and free now; null when that has to be waited for. */
  acquireNow(): Instance | null {
    const most = this.options.fn.maxConcurrency ?? Number.POSITIVE_INFINITY;
    for (const slot of this.slots) {
      if (!slot.live || slot.requests >= most) continue;
      slot.requests++;
      slot.live.begin();
      return slot.live;
    }
    return null;
  }

  /** Processes that run. */
  get size(): number {
    return this.live.size;
  }

  /** Brings the measurements up to date. */
  measure(): void {
    for (const { meter } of this.live) {
      meter.settle();
      meter.sample();
    }
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
    this.wake();
    // One that is starting now is live when it has come up, or has ended.
    await Promise.allSettled(this.slots.map(({ instance }) => instance));
    const live = [...this.live];
    for (const instance of live) instance.stop();
    await Promise.all(live.map(({ ended }) => ended));
  }

  private readonly slotOf = new Map<LiveInstance, Slot>();

  private open(): Slot {
    const slot: Slot = {
      requests: 0,
      instance: this.start(() => {
        slot.requests--;
        this.waiting.shift()?.();
      }),
    };
    this.slots.push(slot);
    slot.instance.then(
      instance => {
        // It may have ended in the moment in which it came up.
        if (this.live.has(instance)) {
          slot.live = instance;
          this.slotOf.set(instance, slot);
        } else {
          this.remove(slot);
        }
      },
      () => this.remove(slot),
    );
    return slot;
  }

  private async start(onFinish: () => void): Promise<LiveInstance> {
    try {
      await this.wait();
      const began = performance.now();
      const context = await this.options.context();
      const { fn, sums } = this.options;
      const started = await startProcess({
        plan: await planLaunch(fn, context),
        folder: context.folder,
        onLine: this.options.onLine,
        startTimeout: context.startTimeout,
        grace: this.options.grace,
      });
      this.options.onStarted(performance.now() - began);
      const instance = new LiveInstance({ process: started, memory: fn.memory, sums, onFinish });
      this.live.add(instance);
      this.watch(instance, started);
      if (this.isClosed) instance.stop();
      return instance;
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.failed();
      this.options.onProblem(`it did not start: ${error.message}`);
      throw error;
    }
  }

  private watch(instance: LiveInstance, started: FunctionProcess): void {
    void started.ended.then(async () => {
      this.forget(instance);
      this.live.delete(instance);
      if (instance.isStopped) return;
      if (instance.hasAnswered) this.failures = 0;
      this.failed();
      this.options.onProblem(await instance.ended);
    });
  }

  private forget(instance: LiveInstance): void {
    const slot = this.slotOf.get(instance);
    this.slotOf.delete(instance);
    if (slot) this.remove(slot);
  }

  private remove(slot: Slot): void {
    this.slots = this.slots.filter(other => other !== slot);
    this.wake();
  }

  /** There may be room now. */
  private wake(): void {
    for (const go of this.waiting.splice(0)) go();
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
