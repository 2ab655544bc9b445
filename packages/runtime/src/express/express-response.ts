import { type IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderList } from '../http/header-list.ts';
import { wholeAnswer } from './whole-answer.ts';

/**
 * Node's response, and a shorter way for answers that are complete before their first byte is sent. Whatever else is done
 * with it is done by Node.
 */
export class ExpressResponse extends ServerResponse {
  /** @param idleTime milliseconds that the connection is kept for another request, which the answer tells. */
  constructor(request: IncomingMessage, idleTime: number) {
    super(request);
    Object.assign(this, { _keepAliveTimeout: idleTime });
  }

  /**
   * Sends head and body in one write, with the headers that Node would add.
   *
   * @param headers tell the length of the body where there is one.
   * @returns false when that is not possible: nothing was sent, and Node is to do it, or to say why not.
   */
  sendWhole(status: number, message: string, headers: HeaderList, body: Buffer | undefined): boolean {
    const { socket } = this;
    if (!socket || this.headersSent || !this.shouldKeepAlive) return false;
    const whole = wholeAnswer({
      status,
      message,
      headers,
      body: this.req.method === 'HEAD' ? undefined : body,
    });
    if (whole === null) return false;
    this.statusCode = status;
    this.markSent();
    socket.write(whole, 'latin1');
    process.nextTick(finish, this);
    return true;
  }

  /** Tells what asks Node's own class (`headersSent`, `writableEnded`) that everything was sent. */
  private markSent(): void {
    Object.assign(this, { _header: 'sent', finished: true });
  }
}

function finish(response: ExpressResponse): void {
  response.emit('finish');
}

export function isExpress(response: ServerResponse<IncomingMessage>): response is ExpressResponse {
  return response instanceof ExpressResponse;
}
