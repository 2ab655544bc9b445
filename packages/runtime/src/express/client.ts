import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ExpressResponse } from './express-response.ts';

/** A client on the express lane whose request is to be answered: once, by `send` or by Node's objects. */
export interface ExpressClient {
  readonly socket: Socket;
  /** Told when the client leaves before it has an answer, unless Node's objects are there to tell it. */
  onLeft: (() => void) | undefined;
  /** Sends an answer as a whole, as `wholeAnswer` makes it. */
  send(whole: Buffer | string): void;
  /** Node's objects for the request, to answer it as on any other connection. */
  objects(): readonly [IncomingMessage, ExpressResponse];
}
