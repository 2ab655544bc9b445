import { STATUS_CODES } from 'node:http';
import type { HeaderList } from '../http/header-list.ts';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** As Node has it for connections that are kept for 65 seconds. */
const CONNECTION = 'connection: keep-alive\r\nkeep-alive: timeout=65\r\n\r\n';

/** The head of an answer and what of the body is to follow it. */
export interface WholeAnswer {
  readonly status: number;
  /** The reason phrase; '' for the usual one. */
  readonly message: string;
  /** With the length of the body, where there is one. */
  readonly headers: HeaderList;
  readonly body: Buffer | undefined;
}

/**
 * An answer as it goes over a connection that is kept, with the headers that Node would add.
 *
 * @returns a string of Latin-1 bytes where there is no body; null for what cannot be sent as it is: Node is to say why not.
 */
export function wholeAnswer({ status, message, headers, body }: WholeAnswer): Buffer | string | null {
  if (!VALUE.test(message)) return null;
  let head = `HTTP/1.1 ${status} ${message || (STATUS_CODES[status] ?? '')}\r\n`;
  let isDated = false;
  for (const [name, value] of headers) {
    if (!NAME.test(name) || !VALUE.test(value)) return null;
    isDated ||= name.length === 4 && name.toLowerCase() === 'date';
    head += `${name}: ${value}\r\n`;
  }
  head += isDated ? CONNECTION : `date: ${now()}\r\n${CONNECTION}`;
  return body ? joined(head, body) : head;
}

function joined(head: string, body: Buffer): Buffer {
  const whole = Buffer.allocUnsafe(head.length + body.length);
  whole.write(head, 'latin1');
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
