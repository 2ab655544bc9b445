import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { HeaderChange, ResponseRules } from '@svc/router';
import { type Origin, requestHeaderLines } from '../http/request-headers.ts';
import { responseHeaders } from '../http/response-headers.ts';
import { AnswerWriter } from './answer-writer.ts';
import type { Connection, ExchangeSink, Failing } from './connection.ts';
import type { ConnectionPool } from './pool.ts';
import {
  type BodyFraming,
  type BodyTransfer,
  framingLines,
  framingOf,
  transferBody,
} from './request-body.ts';
import type { ResponseHead } from './response-reader.ts';

export interface Forwarding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly pool: ConnectionPool;
  readonly origin: Origin;
  /** Path and query that the code sees. */
  readonly target: string;
  readonly requestHeaders: readonly HeaderChange[];
  readonly rules: ResponseRules;
  /** Replaces the code's own status. */
  readonly status: number | undefined;
  /** Milliseconds for the whole exchange; null for no limit. */
  readonly timeout: number | null;
  /** Milliseconds until the answer has to begin; null for no limit. */
  readonly firstByteTimeout: number | null;
  /** Adds up the bytes of the answer's body as they come. */
  readonly tally: { bytes: number };
  /** Present for an upgrade: what is done with the connection once the code has agreed to it. */
  readonly onUpgrade?: (head: ResponseHead, socket: Socket, rest: Buffer) => void;
}

/** An exchange that has begun already. */
export interface BegunExchange {
  /** Milliseconds since then. */
  readonly age: number;
  readonly connection: Connection;
  /** Gives what comes over the connection to another sink, what has come already first. */
  passTo(sink: ExchangeSink): void;
}

/** How a forwarded request ended. `isAnswered` tells whether the client has the beginning of a response. */
export type ForwardEnd =
  | { readonly type: 'complete' | 'upgraded' | 'client-left' }
  | { readonly type: 'timed-out'; readonly isAnswered: boolean }
  | {
      readonly type: 'failed';
      readonly error: Error;
      readonly isAnswered: boolean;
      /** It has not reached the code, and its body is still to be read. */
      readonly isUnsent: boolean;
    };

/** Methods that may be sent again when a kept connection turns out to be closed (RFC 9110, section 9.2.2). */
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/**
 * Passes a request on to a function and its answer back, both as they come, and neither faster than the other end takes.
 *
 * @param begun the request, which has no body, was passed on already.
 */
export function forward(forwarding: Forwarding, begun?: BegunExchange): Promise<ForwardEnd> {
  return new Promise(resolve => new Exchange(forwarding, resolve).start(begun));
}

class Exchange implements ExchangeSink {
  private connection: Connection | undefined;
  private framing: BodyFraming = 'none';
  private body: BodyTransfer | undefined;
  private timer: NodeJS.Timeout | undefined;
  private firstByteTimer: NodeJS.Timeout | undefined;
  private hasEnded = false;
  private hasRetried = false;
  /** The code may have read it. */
  private wasSent = false;
  private readonly writer: AnswerWriter;
  private upgradeHead: ResponseHead | undefined;

  constructor(
    private readonly forwarding: Forwarding,
    private readonly resolve: (end: ForwardEnd) => void,
  ) {
    this.writer = new AnswerWriter(forwarding.response, cause => {
      this.fail(new Error('it answered with a header that cannot be sent', { cause }));
    });
  }

  start(begun?: BegunExchange): void {
    const { response, timeout, firstByteTimeout } = this.forwarding;
    const age = begun?.age ?? 0;
    response.once('close', this.clientClosed);
    response.on('drain', this.clientDrained);
    if (timeout !== null) this.timer = setTimeout(() => this.timedOut(), timeout - age);
    if (firstByteTimeout !== null) {
      this.firstByteTimer = setTimeout(() => this.timedOut(), firstByteTimeout - age);
    }
    this.connection = begun?.connection;
    if (response.destroyed) this.clientClosed();
    else if (begun) begun.passTo(this);
    else this.send(false);
  }

  private send(fresh: boolean): void {
    const { request, pool, origin, target, requestHeaders, onUpgrade } = this.forwarding;
    const method = request.method ?? 'GET';
    this.framing = onUpgrade ? 'none' : framingOf(request);
    const connection = pool.take(fresh);
    this.connection = connection;
    const lines = requestHeaderLines(request, origin, requestHeaders);
    const about = onUpgrade
      ? `connection: upgrade\r\nupgrade: ${request.headers.upgrade}\r\n`
      : framingLines(this.framing);
    connection.send(method, `${method} ${onOneLine(target)} HTTP/1.1\r\n${lines}${about}\r\n`, this);
    if (connection.isOpen) this.onOpen();
  }

  /** The body can be read only once, so it waits for a connection that is there. */
  onOpen(): void {
    if (this.connection) this.body = transferBody(this.forwarding.request, this.connection, this.framing);
  }

  onInformational({ status, headers }: ResponseHead): void {
    const { response } = this.forwarding;
    if (this.hasEnded || response.headersSent) return;
    if (status === 100) {
      // Only a client that waits for it has asked for it.
      if (/^100-continue$/i.test(this.forwarding.request.headers.expect ?? '')) response.writeContinue();
    } else if (status === 103) {
      const links = headers.flatMap(([name, value]) => (name.toLowerCase() === 'link' ? [value] : []));
      if (links.length > 0) hint(response, links);
    }
  }

  onHead(head: ResponseHead): void {
    clearTimeout(this.firstByteTimer);
    if (head.status === 101) {
      this.upgradeHead = head;
      return;
    }
    if (this.hasEnded) return;
    const { request, rules, origin, status } = this.forwarding;
    const allowsTrailers = request.httpVersion === '1.1' && request.method !== 'HEAD';
    const headers = responseHeaders(head.headers, rules, origin.id, { allowsTrailers });
    const message = status === undefined ? head.message : (STATUS_CODES[status] ?? '');
    this.writer.begin(status ?? head.status, message, headers);
  }

  onData(chunk: Buffer): boolean {
    if (this.hasEnded) return true;
    this.forwarding.tally.bytes += chunk.length;
    return this.writer.data(chunk);
  }

  onPieceEnd(): void {
    this.writer.flush();
  }

  onEnd(trailers: ResponseHead['headers']): void {
    if (this.hasEnded) return;
    this.body?.abandon();
    this.writer.end(trailers);
    this.end({ type: 'complete' });
  }

  onUpgrade(socket: Socket, rest: Buffer): void {
    const { onUpgrade } = this.forwarding;
    if (!onUpgrade || !this.upgradeHead) {
      socket.destroy();
      this.fail(new Error('it changed the protocol without being asked to'));
      return;
    }
    onUpgrade(this.upgradeHead, socket, rest);
    this.end({ type: 'upgraded' });
  }

  onDrain(): void {
    this.body?.resume();
  }

  onFailure(error: Error, how: Failing): void {
    const { request, onUpgrade } = this.forwarding;
    // What is written to a connection that the other end has closed does not arrive; later pieces do not tell.
    const isLost = isBrokenPipe(error) && this.framing === 'none';
    if (how !== 'unsent' && !isLost) this.wasSent = true;
    const isRepeatable = REPEATABLE.has(request.method ?? 'GET') && this.framing === 'none';
    if (how === 'untouched' && isRepeatable && !onUpgrade && !this.hasRetried) {
      this.hasRetried = true;
      this.send(true);
      return;
    }
    // Code that has ended may have ended because of what was sent to it.
    this.fail(error, !this.wasSent);
  }

  private readonly clientClosed = (): void => {
    if (this.hasEnded) return;
    this.end({ type: 'client-left' });
    this.connection?.destroy();
  };

  private readonly clientDrained = (): void => this.connection?.resume();

  private timedOut(): void {
    const isAnswered = this.forwarding.response.headersSent;
    this.connection?.destroy();
    this.end({ type: 'timed-out', isAnswered });
  }

  private fail(error: Error, isUnsent = false): void {
    const isAnswered = this.forwarding.response.headersSent;
    this.connection?.destroy();
    this.end({ type: 'failed', error, isAnswered, isUnsent });
  }

  private end(end: ForwardEnd): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    clearTimeout(this.timer);
    clearTimeout(this.firstByteTimer);
    const { response } = this.forwarding;
    response.removeListener('close', this.clientClosed);
    response.removeListener('drain', this.clientDrained);
    if (end.type !== 'complete') {
      this.body?.abandon();
      this.writer.abandon();
    }
    this.resolve(end);
  }
}

function isBrokenPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE';
}

/** Node is strict about the form of these, and they are only hints: what it refuses is left out. */
function hint(response: ServerResponse, link: string[]): void {
  try {
    response.writeEarlyHints({ link });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_INVALID_ARG_VALUE') throw error;
  }
}

/** A target that stays one on the wire: no character of it ends the line or becomes another one as a Latin-1 byte. */
export function onOneLine(target: string): string {
  return target.replace(/[\0- \x7f]|[^\0-\xff]+/g, part =>
    [...Buffer.from(part)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
