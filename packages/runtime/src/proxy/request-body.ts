import type { IncomingMessage } from 'node:http';
import type { Connection } from './connection.ts';

/** How a request's body is framed; none has no body. Node has refused what is ambiguous (RFC 9112, section 6.1). */
export type BodyFraming = 'none' | 'length' | 'chunked';

export function framingOf({ headers }: IncomingMessage): BodyFraming {
  if (headers['transfer-encoding'] !== undefined) return 'chunked';
  const length = headers['content-length'];
  return length === undefined || length === '0' ? 'none' : 'length';
}

/** The header lines that tell the framing; a content-length is among the other headers as it came. */
export function framingLines(framing: BodyFraming): string {
  return framing === 'chunked' ? 'transfer-encoding: chunked\r\n' : '';
}

/** A body on its way to a function. */
export interface BodyTransfer {
  /** The function takes more. */
  resume(): void;
  /** Nobody wants the rest; it is read and thrown away, so that the client gets to read the answer. */
  abandon(): void;
}

/** Sends the body as it comes in, no faster than the function takes it, with its trailers. */
export function transferBody(
  request: IncomingMessage,
  connection: Connection,
  framing: BodyFraming,
): BodyTransfer {
  if (framing === 'none') {
    connection.finish();
    return { resume: () => undefined, abandon: () => undefined };
  }
  const onData = (chunk: Buffer): void => {
    if (!writePiece(connection, chunk, framing)) request.pause();
  };
  const onEnd = (): void => {
    if (framing === 'chunked') connection.write(lastChunk(request.rawTrailers));
    connection.finish();
  };
  request.on('data', onData);
  request.once('end', onEnd);
  return {
    resume: () => void request.resume(),
    abandon: () => {
      request.removeListener('data', onData);
      request.removeListener('end', onEnd);
      request.resume();
    },
  };
}

function writePiece(connection: Connection, chunk: Buffer, framing: BodyFraming): boolean {
  if (framing !== 'chunked') return connection.write(chunk);
  connection.cork();
  connection.write(`${chunk.length.toString(16)}\r\n`);
  connection.write(chunk);
  const takesMore = connection.write('\r\n');
  connection.uncork();
  return takesMore;
}

function lastChunk(trailers: readonly string[]): string {
  let lines = '0\r\n';
  for (let at = 0; at < trailers.length; at += 2) lines += `${trailers[at]}: ${trailers[at + 1]}\r\n`;
  return `${lines}\r\n`;
}
