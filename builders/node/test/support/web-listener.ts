import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

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
    respond(answer, request, response).catch(error => response.destroy(error as Error));
  };
}

async function respond(
  answer: FetchHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
  const request = new Request(`http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`, {
    method: incoming.method ?? 'GET',
    headers,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  } as RequestInit);
  const response = await answer(request);
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), outgoing);
}
