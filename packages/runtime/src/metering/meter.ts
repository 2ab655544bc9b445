import type { RequestRecord } from '../events.ts';
import type { InstanceSums } from './instance-meter.ts';

/** What one service was asked for and gave, as the platform bills it. */
export interface ServiceUsage {
  /** Null for a deployment without services, and for what the public table answered itself. */
  readonly service: string | null;
  readonly requests: number;
  /** The same by the first digit of the status: `{ '2': 10, '5': 1 }`. */
  readonly requestsByStatus: Readonly<Record<string, number>>;
  /** Requests that a function answered, and what svc asks functions itself: middleware, pages that are made anew. */
  readonly invocations: number;
  /** Milliseconds from the first byte in to the last byte out, summed over invocations. */
  readonly wallTime: number;
  /** Milliseconds of processor time of all its processes; null where the system does not tell. */
  readonly activeCpu: number | null;
  /** Gigabyte-hours: the memory that each function is given, for as long as at least one request is on it. */
  readonly provisionedMemory: number;
  /** Of response bodies. */
  readonly bytes: number;
  /** Calls over bindings that this service made, by the service that it called. */
  readonly calls: Readonly<Record<string, number>>;
}

interface Counts {
  requests: number;
  invocations: number;
  wallTime: number;
  activeCpu: number;
  /** Megabyte-milliseconds. */
  memory: number;
  bytes: number;
  /** By the first digit of the status. */
  readonly requestsByStatus: number[];
  readonly calls: Map<string, number>;
}

const MEGABYTE_MILLISECONDS_IN_GIGABYTE_HOUR = 1024 * 3_600_000;

/** Counts requests by service. A call over a binding is a service request of the caller; a public request is none. */
export class Meter {
  private readonly counts = new Map<string | null, Counts>();

  constructor(
    services: readonly string[],
    /** Brings what is only looked at from time to time up to date. */
    private readonly refresh: () => void = () => undefined,
  ) {
    for (const service of services) this.of(service);
  }

  count({ service, caller, invoked, duration, bytes, status }: RequestRecord): void {
    const counts = this.of(service);
    counts.requests++;
    counts.bytes += bytes;
    const digit = Math.floor(status / 100);
    counts.requestsByStatus[digit] = (counts.requestsByStatus[digit] ?? 0) + 1;
    if (invoked) this.countInvocation(service, duration);
    if (caller === null || service === null) return;
    add(this.of(caller).calls, service);
  }

  /** An invocation, whether for a request or for svc's own sake. Milliseconds. */
  countInvocation(service: string | null, duration: number): void {
    const counts = this.of(service);
    counts.invocations++;
    counts.wallTime += duration;
  }

  /** Where the instances of a service add up what they use. */
  sumsOf(service: string | null): InstanceSums {
    const counts = this.of(service);
    return {
      addCpu: milliseconds => {
        counts.activeCpu += milliseconds;
      },
      addMemory: amount => {
        counts.memory += amount;
      },
    };
  }

  usage(): ServiceUsage[] {
    this.refresh();
    return [...this.counts].map(([service, { calls, requestsByStatus, memory, activeCpu, ...counts }]) => ({
      service,
      ...counts,
      requestsByStatus: Object.fromEntries(
        requestsByStatus.flatMap((count, digit) => (count > 0 ? [[digit, count]] : [])),
      ),
      activeCpu: process.platform === 'linux' ? activeCpu : null,
      provisionedMemory: memory / MEGABYTE_MILLISECONDS_IN_GIGABYTE_HOUR,
      calls: Object.fromEntries(calls),
    }));
  }

  private of(service: string | null): Counts {
    let counts = this.counts.get(service);
    if (!counts) {
      counts = {
        requests: 0,
        invocations: 0,
        wallTime: 0,
        activeCpu: 0,
        memory: 0,
        bytes: 0,
        requestsByStatus: [0, 0, 0, 0, 0, 0],
        calls: new Map(),
      };
      this.counts.set(service, counts);
    }
    return counts;
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
