import { IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ExpressClient } from './client.ts';
import { ExpressResponse } from './express-response.ts';
import { type PlainRequest, readPlainRequest } from './plain-request.ts';

type Receive = (request: PlainRequest, client: ExpressClient) => void;
type Listener = (this: Server, socket: Socket) => void;

/**
 * Puts a short way before a server: requests that are as plain as nearly all are (`readPlainRequest`) are taken from the
 * connection at once. The first that is not, and all that follow on its connection, are left to Node's own server. A
 * large part of the time of a proxied request goes into what that does for requests in general.
 */
export function addExpressLane(server: Server, receive: Receive): void {
  const [listener] = server.listeners('connection') as Listener[];
  if (!listener) throw new Error('the server of node:http has no listener for connections');
  const lanes = new Set<Lane>();
  const handOver = (socket: Socket) => listener.call(server, socket);
  server.removeListener('connection', listener);
  server.on('connection', (socket: Socket) => {
    const lane = new Lane(socket, server.keepAliveTimeout, {
      receive,
      handOver,
      gone: () => lanes.delete(lane),
    });
    lanes.add(lane);
  });
  const { closeIdleConnections, closeAllConnections } = server;
  server.closeIdleConnections = () => {
    closeIdleConnections.call(server);
    for (const lane of lanes) lane.closeIfIdle();
  };
  server.closeAllConnections = () => {
    closeAllConnections.call(server);
    for (const lane of lanes) lane.close();
  };
}

interface LaneEnds {
  readonly receive: Receive;
  readonly handOver: (socket: Socket) => void;
  readonly gone: () => void;
}

/** One connection for as long as its requests are plain. */
class Lane implements ExpressClient {
  onLeft: (() => void) | undefined;
  /** The request that is being answered. */
  private plain: PlainRequest | undefined;
  private response: ExpressResponse | undefined;
  /** What came before the answer to the last request was complete. */
  private held: Buffer | undefined;
  private hasEnded = false;

  constructor(
    readonly socket: Socket,
    private readonly idleTime: number,
    private readonly ends: LaneEnds,
  ) {
    socket.on('data', this.take);
    socket.on('drain', this.drained);
    socket.on('end', this.ended);
    socket.on('close', this.closed);
    socket.on('error', ignore);
    socket.on('timeout', this.closeIfIdle);
    socket.setTimeout(idleTime);
  }

  readonly closeIfIdle = (): void => {
    if (!this.plain && !this.held) this.socket.destroy();
  };

  close(): void {
    this.socket.destroy();
  }

  private readonly take = (chunk: Buffer): void => {
    if (this.plain) {
      this.held = this.held ? Buffer.concat([this.held, chunk]) : chunk;
      this.socket.pause();
      return;
    }
    const plain = readPlainRequest(chunk);
    if (!plain) {
      this.leave(chunk);
      return;
    }
    this.plain = plain;
    this.ends.receive(plain, this);
  };

  send(whole: Buffer | string): void {
    this.socket.write(whole, 'latin1');
    this.answered();
  }

  objects(): readonly [IncomingMessage, ExpressResponse] {
    if (!this.plain || this.response) throw new Error('this client waits for no answer');
    const request = messageOf(this.plain, this.socket);
    const response = new ExpressResponse(request, this.idleTime);
    response.assignSocket(this.socket);
    response.once('finish', this.finished);
    this.onLeft = undefined;
    this.response = response;
    return [request, response];
  }

  private readonly finished = (): void => {
    const { response, socket } = this;
    if (!response) return;
    this.response = undefined;
    response.detachSocket(socket);
    response.destroyed = true;
    response.emit('close');
    if (!response.shouldKeepAlive) this.hasEnded = true;
    this.answered();
  };

  /** Goes on with the next request. */
  private answered(): void {
    const { socket } = this;
    this.plain = undefined;
    this.onLeft = undefined;
    if (socket.destroyed) return;
    if (this.hasEnded) socket.end();
    else if (socket.writableNeedDrain) socket.pause();
    else this.goOn();
  }

  private goOn(): void {
    const { held, socket } = this;
    if (held) {
      this.held = undefined;
      this.take(held);
    }
    if (socket.isPaused() && !this.held) socket.resume();
  }

  private readonly drained = (): void => {
    if (this.response) this.response.emit('drain');
    else if (!this.plain) this.goOn();
  };

  private readonly ended = (): void => {
    this.hasEnded = true;
    if (!this.plain) this.socket.end();
  };

  private readonly closed = (): void => {
    const { onLeft } = this;
    this.plain = undefined;
    this.response = undefined;
    this.onLeft = undefined;
    this.ends.gone();
    onLeft?.();
  };

  /** Gives the connection to Node's server, with what has come. */
  private leave(chunk: Buffer): void {
    const { socket } = this;
    socket.setTimeout(0);
    socket.removeListener('data', this.take);
    socket.removeListener('drain', this.drained);
    socket.removeListener('end', this.ended);
    socket.removeListener('close', this.closed);
    socket.removeListener('error', ignore);
    socket.removeListener('timeout', this.closeIfIdle);
    this.ends.gone();
    socket.pause();
    socket.unshift(chunk);
    this.ends.handOver(socket);
    socket.resume();
  }
}

function messageOf(plain: PlainRequest, socket: Socket): IncomingMessage {
  const message = new IncomingMessage(socket);
  message.httpVersion = '1.1';
  message.httpVersionMajor = 1;
  message.httpVersionMinor = 1;
  message.method = plain.method;
  message.url = plain.target;
  message.rawHeaders = plain.rawHeaders;
  message.headers = plain.headers;
  message.complete = true;
  return message;
}

/** A connection that breaks shows at its end. */
function ignore(): void {}
