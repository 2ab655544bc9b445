import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { wholeAnswer } from '../express/whole-answer.ts';
import { requestHeaderLines } from '../http/request-headers.ts';
import { responseHeaders } from '../http/response-headers.ts';
import type { Connection, ExchangeSink, Failing } from '../proxy/connection.ts';
import { type BegunExchange, onOneLine } from '../proxy/forward.ts';
import type { ResponseHead } from '../proxy/response-reader.ts';
import { announcesTrailers, withLength } from '../proxy/whole-headers.ts';
import { attend } from './attend.ts';
import { type Invocation, passOn, requestChanges } from './invoke.ts';
import type { PlainArrival } from './short-way.ts';
import { tellPlainly } from './tell-plainly.ts';
import { type Arrival, Visit } from './visit.ts';

/**
 * A plain request that a function answers at once and in one piece. Anything else that happens (more pieces, trailers, a
 * change of the protocol, a failure, the end of patience) is what the long way is for: it goes on from where this stands.
 */
export class ShortExchange implements ExchangeSink, BegunExchange {
  readonly connection: Connection;
  readonly began: number;
  private head: ResponseHead | undefined;
  private body: Buffer | undefined;
  /** Nothing more comes over the connection for this. */
  private isOver = false;
  /** What has just come, and is not for here. */
  private next: ((sink: ExchangeSink) => void) | undefined;

  constructor(
    private readonly plainly: PlainArrival,
    private readonly arrival: Arrival,
    private readonly invocation: Invocation,
  ) {
    this.began = arrival.began;
    this.connection = invocation.instance.pool.take();
  }

  start(): void {
    const { plain, client, traffic } = this.plainly;
    const { decision, tree } = this.invocation;
    client.onLeft = this.clientLeft;
    traffic.short.add(this);
    const lines = requestHeaderLines(plain, this.arrival.origin, requestChanges(decision, tree));
    const request = `${plain.method} ${onOneLine(decision.target)} HTTP/1.1\r\n${lines}\r\n`;
    this.connection.send(plain.method, request, this);
    this.connection.finish();
  }

  /** There is no body that would wait for it. */
  onOpen(): void {}

  onInformational(head: ResponseHead): void {
    this.goLong(sink => sink.onInformational(head));
  }

  onHead(head: ResponseHead): void {
    if (head.status === 101) this.goLong(sink => sink.onHead(head));
    else this.head = head;
  }

  onData(chunk: Buffer): boolean {
    if (!this.body) {
      this.body = chunk;
      return true;
    }
    let wantsMore = true;
    this.goLong(sink => {
      wantsMore = sink.onData(chunk);
    });
    return wantsMore;
  }

  onPieceEnd(): void {
    this.goLong(sink => sink.onPieceEnd());
  }

  onEnd(trailers: ResponseHead['headers']): void {
    this.isOver = true;
    if (trailers.length > 0 || !this.send()) this.goLong(sink => sink.onEnd(trailers));
  }

  onFailure(error: Error, how: Failing): void {
    this.isOver = true;
    this.goLong(sink => sink.onFailure(error, how));
  }

  /** The connection has not changed the protocol while this has been its sink: that begins with a head. */
  onUpgrade(socket: Socket): void {
    socket.destroy();
  }

  /** Nothing of the request is left to be sent. */
  onDrain(): void {}

  goLong(next?: (sink: ExchangeSink) => void): void {
    const { site, door, traffic, client } = this.plainly;
    traffic.short.delete(this);
    const visit = new Visit(...client.objects(), door.caller, this.arrival);
    visit.service = this.invocation.decision.service;
    visit.invoked = true;
    this.next = next;
    void attend(site, traffic, visit, () => passOn(site, visit, this.invocation, this));
  }

  get age(): number {
    return performance.now() - this.began;
  }

  passTo(sink: ExchangeSink): void {
    if (!this.isOver) this.connection.passTo(sink);
    if (this.head) sink.onHead(this.head);
    if (this.body) sink.onData(this.body);
    this.next?.(sink);
  }

  /** @returns whether the answer could be sent as it is. */
  private send(): boolean {
    const { plain, client } = this.plainly;
    const { head, body = NOTHING, arrival } = this;
    const { decision, instance } = this.invocation;
    if (!head) return false;
    const status = decision.status ?? head.status;
    const message = decision.status === undefined ? head.message : (STATUS_CODES[status] ?? '');
    const own = responseHeaders(head.headers, decision.response, arrival.origin.id, {
      allowsTrailers: plain.method !== 'HEAD',
    });
    if (announcesTrailers(own)) return false;
    const headers = withLength(own, plain.method, status, body.length);
    const whole = wholeAnswer({ status, message, headers, body: body.length > 0 ? body : undefined });
    if (whole === null) return false;
    this.plainly.traffic.short.delete(this);
    instance.finish(true);
    client.send(whole);
    this.tell(status, body.length, false);
    return true;
  }

  private readonly clientLeft = (): void => {
    this.plainly.traffic.short.delete(this);
    this.connection.destroy();
    this.invocation.instance.finish(false);
    this.tell(499, 0, true);
  };

  private tell(status: number, bytes: number, aborted: boolean): void {
    const { service } = this.invocation.decision;
    tellPlainly(this.plainly, this.arrival, { status, bytes, service, invoked: true, aborted });
  }
}

const NOTHING = Buffer.alloc(0);
