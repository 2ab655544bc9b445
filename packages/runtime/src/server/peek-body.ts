import type { IncomingMessage, ServerResponse } from 'node:http';

/** Larger bodies go to the function alone. Bytes. */
const MOST = 1024 * 1024;

/**
 * A request's body for middleware, which comes before the function that the body is for: read, and put back to be read
 * again. Undefined when there is none, or when it is long or of unknown length, which middleware then does not see.
 */
export async function peekBody(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Buffer | undefined> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length === 0 || length > MOST) return undefined;
  if (/^100-continue$/i.test(request.headers.expect ?? '')) response.writeContinue();
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise(resolve => {
    const look = () => {
      while (size < length) {
        const chunk = request.read() as Buffer | null;
        if (chunk === null) return;
        chunks.push(chunk);
        size += chunk.length;
      }
      finish();
    };
    const finish = () => {
      request.removeListener('readable', look);
      request.removeListener('close', finish);
      const body = Buffer.concat(chunks);
      // At once, before the stream says that it has ended, which it does in the next turn.
      if (body.length > 0 && !request.readableEnded) request.unshift(body);
      resolve(body);
    };
    request.on('readable', look);
    request.once('close', finish);
    look();
  });
}
