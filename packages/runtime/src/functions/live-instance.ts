import { InstanceMeter, type InstanceSums } from '../metering/instance-meter.ts';
import type { Endpoint } from '../proxy/connection.ts';
import { ConnectionPool } from '../proxy/pool.ts';
import { describeEnd, type FunctionProcess } from './processes.ts';

/** A process of a function that takes requests. */
export interface Instance {
  readonly pool: ConnectionPool;
  readonly endpoint: Endpoint;
  /** How it ended, once it has. */
  readonly ended: Promise<string>;
  /** A request is done; `answered` when an answer of the function came back. */
  finish(answered: boolean): void;
}

export interface InstanceOptions {
  readonly process: FunctionProcess;
  /** Megabytes; null when nothing says. */
  readonly memory: number | null;
  readonly sums: InstanceSums;
  readonly onFinish: () => void;
}

/** Megabytes that the platform gives a function which does not say. */
const USUAL_MEMORY = 2048;

export class LiveInstance implements Instance {
  readonly pool: ConnectionPool;
  readonly endpoint: Endpoint;
  readonly ended: Promise<string>;
  readonly meter: InstanceMeter;
  isStopped = false;
  hasAnswered = false;
  /** Why svc itself has ended it, when that is to be told. */
  reason: string | undefined;
  private requests = 0;
  private isRetired = false;

  constructor(private readonly options: InstanceOptions) {
    const { process, memory, sums } = options;
    this.endpoint = process.endpoint;
    this.pool = new ConnectionPool(process.endpoint);
    this.meter = new InstanceMeter({
      pid: process.pid,
      provisioned: memory ?? USUAL_MEMORY,
      limit: memory,
      sums,
      onExceeded: used => {
        this.reason = `it used ${used} MB, more than its memory of ${memory} MB`;
        process.stop();
      },
    });
    this.ended = process.ended.then(end => {
      this.meter.close();
      this.pool.close();
      return this.reason ?? describeEnd(end);
    });
  }

  begin(): void {
    this.requests++;
    this.meter.begin();
  }

  finish(answered: boolean): void {
    this.requests--;
    this.meter.finish();
    if (answered) this.hasAnswered = true;
    this.options.onFinish();
    if (this.isRetired && this.requests === 0) this.stop();
  }

  stopWhenIdle(): void {
    this.isRetired = true;
    if (this.requests === 0) this.stop();
  }

  stop(): void {
    this.isStopped = true;
    this.meter.close();
    this.pool.close();
    this.options.process.stop();
  }
}
