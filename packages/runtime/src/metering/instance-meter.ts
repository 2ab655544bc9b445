import { type TreeUsage, treeUsage } from './process-tree.ts';

/** Where what an instance uses is added up. */
export interface InstanceSums {
  /** Milliseconds. */
  addCpu(milliseconds: number): void;
  /** Megabyte-milliseconds during which at least one request was on an instance. */
  addMemory(amount: number): void;
}

export interface InstanceMeterOptions {
  readonly pid: number;
  /** Megabytes that the platform would provide. */
  readonly provisioned: number;
  /** Megabytes that all its processes together may use; null for any amount. */
  readonly limit: number | null;
  readonly sums: InstanceSums;
  /** It uses more memory than that; told once. Megabytes. */
  readonly onExceeded: (used: number) => void;
  /** Tests give their own. */
  readonly look?: (pid: number) => TreeUsage | null;
}

/** Milliseconds between two looks at an instance that is busy, or whose memory is limited. */
const INTERVAL = 500;
const MEGABYTE = 1024 * 1024;

/**
 * Measures one instance: its processor time as it runs, and how long it is provided with memory for the sake of requests,
 * however many of them at a time.
 */
export class InstanceMeter {
  private cpu = 0;
  private requests = 0;
  private busySince = 0;
  private timer: NodeJS.Timeout | undefined;
  private isExceeded = false;
  /** A request has begun since the last look. */
  private isActive = false;

  constructor(private readonly options: InstanceMeterOptions) {
    this.sample();
    if (options.limit !== null) this.watch();
  }

  begin(): void {
    this.isActive = true;
    if (this.requests++ > 0) return;
    this.busySince = performance.now();
    this.watch();
  }

  finish(): void {
    if (--this.requests === 0) this.settle();
  }

  /** Adds up what has come since the last look. */
  sample(): void {
    const usage = (this.options.look ?? treeUsage)(this.options.pid);
    if (!usage) return;
    // A descendant that nobody waited for takes its time with it.
    if (usage.cpu > this.cpu) {
      this.options.sums.addCpu(usage.cpu - this.cpu);
      this.cpu = usage.cpu;
    }
    const { limit } = this.options;
    if (limit === null || this.isExceeded || usage.memory <= limit * MEGABYTE) return;
    this.isExceeded = true;
    this.options.onExceeded(Math.ceil(usage.memory / MEGABYTE));
  }

  /** Adds up what requests that still run have taken so far. */
  settle(): void {
    if (this.busySince === 0) return;
    const now = performance.now();
    this.options.sums.addMemory((now - this.busySince) * this.options.provisioned);
    this.busySince = this.requests > 0 ? now : 0;
  }

  close(): void {
    this.unwatch();
    this.settle();
    this.sample();
    this.busySince = 0;
  }

  private watch(): void {
    this.timer ??= setInterval(() => this.lookAgain(), INTERVAL).unref();
  }

  /** Goes on for one more look after the last request, whose cost is known a little later than its answer. */
  private lookAgain(): void {
    this.sample();
    const isQuiet = this.requests === 0 && !this.isActive;
    this.isActive = false;
    if (isQuiet && this.options.limit === null) this.unwatch();
  }

  private unwatch(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
