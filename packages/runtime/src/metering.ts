import type { RequestRecord } from './events.ts';

/** What one service was asked for and gave, as the platform bills it. */
export interface ServiceUsage {
  /** Null for a deployment without services, and for what the public table answered itself. */
  readonly service: string | null;
  readonly requests: number;
  /** Requests that a function answered. */
  readonly invocations: number;
  /** Milliseconds from the first byte in to the last byte out, summed over invocations. */
  readonly wallTime: number;
  /** Of response bodies. */
  readonly bytes: number;
  /** Calls over bindings that this service made, by the service that it called. */
  readonly calls: Readonly<Record<string, number>>;
}

interface Counts {
  requests: number;
  invocations: number;
  wallTime: number;
  bytes: number;
  readonly calls: Map<string, number>;
}

/** Counts requests by service. A call over a binding is a service request of the caller; a public request is none. */
export class Meter {
  private readonly counts = new Map<string | null, Counts>();

  constructor(services: readonly string[]) {
    for (const service of services) this.of(service);
  }

  count({ service, caller, invoked, duration, bytes }: RequestRecord): void {
    const counts = this.of(service);
    counts.requests++;
    counts.bytes += bytes;
    if (invoked) {
      counts.invocations++;
      counts.wallTime += duration;
    }
    if (caller === null || service === null) return;
    const { calls } = this.of(caller);
    calls.set(service, (calls.get(service) ?? 0) + 1);
  }

  /** An invocation that is no request of its own: middleware, what renews a prerendered page. Milliseconds. */
  countInvocation(service: string | null, duration: number): void {
    const counts = this.of(service);
    counts.invocations++;
    counts.wallTime += duration;
  }

  usage(): ServiceUsage[] {
    return [...this.counts].map(([service, { calls, ...counts }]) => ({
      service,
      ...counts,
      calls: Object.fromEntries(calls),
    }));
  }

  private of(service: string | null): Counts {
    let counts = this.counts.get(service);
    if (!counts) {
      counts = { requests: 0, invocations: 0, wallTime: 0, bytes: 0, calls: new Map() };
      this.counts.set(service, counts);
    }
    return counts;
  }
}
