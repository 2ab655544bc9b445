import { connect, type Socket } from 'node:net';
import { ProtocolError, type ResponseHead, ResponseReader, type ResponseSink } from './response-reader.ts';

/** Where a function accepts requests. */
export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number };

/** What comes back over a connection for one request. Exactly one of `onEnd`, `onUpgrade` and `onFailure` is last. */
export interface ExchangeSink {
  /** The connection has come about; not told of one that was used before. */
  onOpen(): void;
  onInformational(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  onData(chunk: Buffer): boolean;
  /** All that has come so far was given; what comes next may be long in coming. */
  onPieceEnd(): void;
  onEnd(trailers: ResponseHead['headers']): void;
  /** After a head of status 101: the connection belongs to the sink now. */
  onUpgrade(socket: Socket, rest: Buffer): void;
  /** @param how see `Failing`. */
  onFailure(error: Error, how: Failing): void;
  /** The connection takes more of the request's body. */
  onDrain(): void;
}

/**
 * How far a request had come that has failed. `unsent`: there was no connection, so nobody has seen it. `untouched`: nothing
 * had come back, on a connection that was used before, which the peer may have just closed. `begun`: anything else.
 */
export type Failing = 'unsent' | 'untouched' | 'begun';

/** One connection to a function: one request at a time, many in its life. */
export class Connection implements ResponseSink {
  /** Requests that were sent over it. */
  private uses = 0;
  isOpen = false;
  private readonly reader = new ResponseReader();
  private sink: ExchangeSink | undefined;
  private isSent = true;
  private failure: Error | undefined;
  private upgraded = false;

  private constructor(
    private readonly socket: Socket,
    private readonly onIdle: (connection: Connection) => void,
    private readonly onGone: (connection: Connection) => void,
  ) {
    socket.setNoDelay(true);
    socket.once('connect', () => {
      this.isOpen = true;
      this.sink?.onOpen();
    });
    socket.on('data', this.read);
    socket.on('drain', () => this.sink?.onDrain());
    socket.on('error', error => {
      this.failure = error;
    });
    socket.on('end', () => {
      if (this.reader.end()) this.socket.destroy();
    });
    socket.on('close', () => {
      this.onGone(this);
      this.fail(this.failure ?? new Error('it closed the connection'));
    });
  }

  static open(
    endpoint: Endpoint,
    onIdle: (connection: Connection) => void,
    onGone: (connection: Connection) => void,
  ): Connection {
    return new Connection(connect(endpoint), onIdle, onGone);
  }

  /** Sends a request; its body follows by `write`, and `finish` ends it. */
  send(method: string, head: string, sink: ExchangeSink): void {
    this.sink = sink;
    this.isSent = false;
    this.uses++;
    this.reader.begin(method, this);
    this.socket.write(head, 'latin1');
  }

  /** What comes back from now on is for another sink. */
  passTo(sink: ExchangeSink): void {
    this.sink = sink;
  }

  /** @returns false when the body should wait until `onDrain`. */
  write(chunk: Buffer | string): boolean {
    return this.socket.write(chunk, 'latin1');
  }

  /** Takes several writes together. */
  cork(): void {
    this.socket.cork();
  }

  uncork(): void {
    this.socket.uncork();
  }

  /** The request is complete. */
  finish(): void {
    this.isSent = true;
    if (this.reader.isIdle) this.release();
  }

  /** Whether both ends still take part. */
  get isUsable(): boolean {
    return this.socket.readable && this.socket.writable;
  }

  resume(): void {
    this.socket.resume();
  }

  /** Ends the connection, and with it the request that is on it: the function sees its client leave. Nobody is told. */
  destroy(): void {
    this.sink = undefined;
    this.socket.destroy();
  }

  /** Ends the connection; a request that is on it has failed. */
  abort(): void {
    this.socket.destroy();
  }

  onInformational(head: ResponseHead): void {
    this.sink?.onInformational(head);
  }

  onHead(head: ResponseHead): void {
    this.upgraded = head.status === 101;
    this.sink?.onHead(head);
  }

  onData(chunk: Buffer): boolean {
    return this.sink?.onData(chunk) ?? true;
  }

  onEnd(trailers: ResponseHead['headers']): void {
    const { sink } = this;
    this.sink = undefined;
    sink?.onEnd(trailers);
    if (this.isSent) this.release();
    // The answer came before the body was all sent; nobody will read the rest of it.
    else this.socket.destroy();
  }

  private release(): void {
    if (!this.reader.keepsAlive || this.socket.destroyed) {
      this.socket.destroy();
      return;
    }
    // The last piece may have asked for a pause.
    this.socket.resume();
    this.onIdle(this);
  }

  private readonly read = (chunk: Buffer): void => {
    try {
      // A response that has ended with this piece has given the connection back already: the next one must be read.
      if (!this.reader.push(chunk) && !this.reader.isIdle) this.socket.pause();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.failure = error;
      this.socket.destroy();
      return;
    }
    if (this.upgraded) this.handOver();
    else this.sink?.onPieceEnd();
  };

  private handOver(): void {
    const { sink, socket } = this;
    this.sink = undefined;
    this.upgraded = false;
    this.onGone(this);
    for (const event of ['data', 'drain', 'error', 'end', 'close']) socket.removeAllListeners(event);
    sink?.onUpgrade(socket, this.reader.takeRest());
  }

  private fail(error: Error): void {
    const { sink } = this;
    this.sink = undefined;
    if (!this.isOpen) sink?.onFailure(error, 'unsent');
    else sink?.onFailure(error, this.uses > 1 && this.reader.isUntouched ? 'untouched' : 'begun');
  }
}
