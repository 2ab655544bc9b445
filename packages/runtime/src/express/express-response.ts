import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { HeaderList } from '../http/header-list.ts';

/** Up to this size, a copy behind the head costs less than a second buffer. Bytes. */
const COPIED = 65_536;

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Node's response, and a shorter way for answers that are complete before their first byte is sent. Whatever else is done
 * with it is done by Node.
 */
export class ExpressResponse extends ServerResponse {
  /**
   * Sends head and body in one write, with the headers that Node would add.
   *
   * @param headers tell the length of the body where there is one.
   * @returns false when that is not possible: nothing was sent, and Node is to do it, or to say why not.
   */
  sendWhole(status: number, message: string, headers: HeaderList, body: Buffer | undefined): boolean {
    const { socket } = this;
    if (!socket || this.headersSent || !this.shouldKeepAlive) return false;
    let head = `HTTP/1.1 ${status} ${message || (STATUS_CODES[status] ?? '')}\r\n`;
    let isDated = false;
    for (const [name, value] of headers) {
      if (!NAME.test(name) || !VALUE.test(value)) return false;
      isDated ||= name.length === 4 && name.toLowerCase() === 'date';
      head += `${name}: ${value}\r\n`;
    }
    if (!VALUE.test(message)) return false;
    head += isDated ? CONNECTION : `date: ${now()}\r\n${CONNECTION}`;
    this.statusCode = status;
    this.markSent(head);
    if (!body || this.req.method === 'HEAD') socket.write(head, 'latin1');
    else socket.write(joined(head, body));
    process.nextTick(finish, this);
    return true;
  }

  /** Tells what asks Node's own class (`headersSent`, `writableEnded`) that everything was sent. */
  private markSent(head: string): void {
    Object.assign(this, { _header: head, finished: true });
  }
}

/** As Node has it for connections that are kept for 65 seconds. */
const CONNECTION = 'connection: keep-alive\r\nkeep-alive: timeout=65\r\n\r\n';

function finish(response: ExpressResponse): void {
  response.emit('finish');
}

function joined(head: string, body: Buffer): Buffer | string {
  if (body.length > COPIED) return Buffer.concat([Buffer.from(head, 'latin1'), body]);
  const whole = Buffer.allocUnsafe(head.length + body.length);
  whole.write(head, 0, 'latin1');
  body.copy(whole, head.length);
  return whole;
}

let second = 0;
let text = '';

/** The `date` header, made once a second. */
function now(): string {
  const time = Math.floor(Date.now() / 1000);
  if (time !== second) {
    second = time;
    text = new Date(time * 1000).toUTCString();
  }
  return text;
}

export function isExpress(response: ServerResponse<IncomingMessage>): response is ExpressResponse {
  return response instanceof ExpressResponse;
}
