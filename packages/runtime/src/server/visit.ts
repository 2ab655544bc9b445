import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestRecord } from '../events.ts';
import { originOf, targetOf } from '../http/client.ts';
import type { Origin } from '../http/request-headers.ts';
import type { Site } from './site.ts';

/** Who asks, and when. */
export interface Arrival {
  readonly origin: Origin;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Milliseconds of the monotonic clock. */
  readonly began: number;
}

export function arrivalOf(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  caller: string | null,
): Arrival {
  return {
    origin: originOf(request.headers, request.socket, caller),
    time: Date.now(),
    began: performance.now(),
  };
}

/** Tells the log and the meter of a request that is over. */
export function tellOf(site: Site, record: RequestRecord): void {
  site.meter.count(record);
  site.emit({ type: 'request', record });
}

/** One request from its arrival to its end, and what is to be told of it. */
export class Visit {
  readonly target: string;
  /** Who answers. */
  service: string | null = null;
  invoked = false;
  bytes = 0;
  /** Present while the client waits for another protocol. */
  upgrade: { readonly socket: Duplex; readonly head: Buffer } | undefined;
  /** Present when another protocol has taken over: the bytes sent to the client, once it is over. */
  tunnelled: Promise<number> | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly caller: string | null,
    readonly arrival: Arrival = arrivalOf(request, caller),
  ) {
    this.target = targetOf(request);
  }

  get origin(): Origin {
    return this.arrival.origin;
  }

  /** Tells the log and the meter, once the request is over. */
  tell(site: Site): void {
    const { request, response, arrival } = this;
    const record: RequestRecord = {
      id: this.origin.id,
      time: arrival.time,
      method: request.method ?? 'GET',
      target: this.target,
      host: this.origin.host,
      status: this.tunnelled ? 101 : response.headersSent ? response.statusCode : 499,
      duration: performance.now() - arrival.began,
      bytes: this.bytes,
      service: this.service,
      caller: this.caller,
      invoked: this.invoked,
      aborted: !this.tunnelled && !response.writableFinished,
    };
    tellOf(site, record);
  }
}
