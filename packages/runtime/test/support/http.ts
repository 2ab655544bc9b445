import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: Buffer;
  readonly text: string;
}

/** A request whose path, headers and body are sent just as they are given. */
export async function ask(
  port: number,
  path: string,
  options: RequestOptions & { readonly body?: string | Buffer } = {},
): Promise<Answer> {
  const { outgoing, response } = open(port, path, options);
  outgoing.end(options.body);
  return readAll(await response);
}

/** A request that is still being written. */
export function open(
  port: number,
  path: string,
  options: RequestOptions = {},
): { readonly outgoing: ClientRequest; readonly response: Promise<IncomingMessage> } {
  const outgoing = request({ host: '127.0.0.1', port, path, agent: false, ...options });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject);
  });
  return { outgoing, response };
}

export async function readAll(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const { statusCode = 0, headers, trailers } = incoming;
  return { status: statusCode, headers, trailers, body, text: body.toString() };
}

/** Sends bytes and gives back all that comes until the other end closes. */
export function exchangeBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    let text = '';
    socket.setEncoding('latin1').on('data', chunk => {
      text += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(text));
  });
}
