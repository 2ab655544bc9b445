import { IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { ExpressResponse } from './express-response.ts';
import { type PlainRequest, readPlainRequest } from './plain-request.ts';

type Receive = (request: IncomingMessage, response: ExpressResponse) => void;
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
class Lane {
  private response: ExpressResponse | undefined;
  /** What came before the answer to the last request was complete. */
  private held: Buffer | undefined;
  private hasEnded = false;

  constructor(
    private readonly socket: Socket,
    idleTime: number,
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
    if (!this.response && !this.held) this.socket.destroy();
  };

  close(): void {
    this.socket.destroy();
  }

  private readonly take = (chunk: Buffer): void => {
    if (this.response) {
      this.held = this.held ? Buffer.concat([this.held, chunk]) : chunk;
      this.socket.pause();
      return;
    }
    const plain = readPlainRequest(chunk);
    if (!plain) {
      this.leave(chunk);
      return;
    }
    const request = messageOf(plain, this.socket);
    const response = new ExpressResponse(request);
    response.assignSocket(this.socket);
    response.once('finish', this.finished);
    this.response = response;
    this.ends.receive(request, response);
  };

  private readonly finished = (): void => {
    const { response, socket } = this;
    if (!response) return;
    this.response = undefined;
    response.detachSocket(socket);
    response.destroyed = true;
    response.emit('close');
    if (socket.destroyed) return;
    if (this.hasEnded || !response.shouldKeepAlive) {
      socket.end();
      return;
    }
    if (socket.writableNeedDrain) socket.pause();
    else this.goOn();
  };

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
    else this.goOn();
  };

  private readonly ended = (): void => {
    this.hasEnded = true;
    if (!this.response) this.socket.end();
  };

  private readonly closed = (): void => {
    this.response = undefined;
    this.ends.gone();
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
