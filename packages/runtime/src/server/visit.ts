import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestRecord } from '../events.ts';
import { originOf, targetOf } from '../http/client.ts';
import type { Origin } from '../http/request-headers.ts';
import type { Site } from './site.ts';

/** One request from its arrival to its end, and what is to be told of it. */
export class Visit {
  readonly origin: Origin;
  readonly target: string;
  /** Who answers. */
  service: string | null = null;
  invoked = false;
  bytes = 0;
  /** Present while the client waits for another protocol. */
  upgrade: { readonly socket: Duplex; readonly head: Buffer } | undefined;
  /** Present when another protocol has taken over: the bytes sent to the client, once it is over. */
  tunnelled: Promise<number> | undefined;
  private readonly time = Date.now();
  private readonly began = performance.now();

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly caller: string | null,
  ) {
    this.origin = originOf(request, caller);
    this.target = targetOf(request);
  }

  /** Tells the log and the meter, once the request is over. */
  tell(site: Site): void {
    const { request, response } = this;
    const record: RequestRecord = {
      id: this.origin.id,
      time: this.time,
      method: request.method ?? 'GET',
      target: this.target,
      host: this.origin.host,
      status: this.tunnelled ? 101 : response.headersSent ? response.statusCode : 499,
      duration: performance.now() - this.began,
      bytes: this.bytes,
      service: this.service,
      caller: this.caller,
      invoked: this.invoked,
      aborted: !this.tunnelled && !response.writableFinished,
    };
    site.meter.count(record);
    site.emit({ type: 'request', record });
  }
}
