import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { answerWithError } from './guarded.ts';

export type FetchHandler = (request: Request) => Response | Promise<Response>;
export type Methods = Readonly<Record<string, FetchHandler>>;

/** A Node listener for a web-standard handler. A method that nobody exports gets 405 with an empty body. */
export function listenerFor(handler: FetchHandler | Methods): RequestListener {
  return (request, response) => {
    const answer = typeof handler === 'function' ? handler : handler[request.method ?? 'GET'];
    if (!answer) {
      response.writeHead(405).end();
      return;
    }
    respond(answer, request, response).catch(error => answerWithError(error, response));
  };
}

async function respond(
  answer: FetchHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const response = await answer(webRequest(incoming, gone.signal));
  outgoing.statusCode = response.status;
  if (response.statusText) outgoing.statusMessage = response.statusText;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  if (response.body === null || incoming.method === 'HEAD') {
    outgoing.end();
    await response.body?.cancel();
    return;
  }
  // The client learns the status before the first event of a stream comes.
  outgoing.flushHeaders();
  try {
    await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), outgoing);
  } catch (error) {
    // A client that leaves in the middle is no error of the function.
    if (!gone.signal.aborted) throw error;
  }
}

function webRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const scheme = headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http';
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
  return new Request(`${scheme}://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`, {
    method: incoming.method ?? 'GET',
    headers,
    signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  } as RequestInit);
}
