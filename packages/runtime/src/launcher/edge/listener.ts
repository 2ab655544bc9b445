import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { answerWithError } from '../guarded.ts';
import type { Web } from './context.ts';

export type EdgeHandler = (request: Request, context: EdgeEvent) => Response | Promise<Response> | undefined;

/** The second argument of edge functions. */
export interface EdgeEvent {
  waitUntil(work: unknown): void;
}

/** What a module offers to answer with, by method. @throws when it offers nothing. */
export function handlerOf(exported: unknown): (method: string) => EdgeHandler | undefined {
  let module = exported as Record<string, unknown>;
  for (let depth = 0; depth < 5 && isOffer(module.default); depth++) module = module.default;
  if (typeof module === 'function') return () => module as unknown as EdgeHandler;
  if (typeof module.fetch === 'function') {
    const handler = (module.fetch as EdgeHandler).bind(module);
    return () => handler;
  }
  const methods = Object.entries(module).filter(
    ([name, value]) => /^[A-Z]+$/.test(name) && typeof value === 'function',
  );
  if (methods.length === 0) throw new Error('the module exports no function and no web handler');
  return method => module[method] as EdgeHandler | undefined;
}

function isOffer(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A Node listener for an edge function. A method that nobody exports gets 405 with an empty body. */
export function edgeListener(
  handlerFor: (method: string) => EdgeHandler | undefined,
  web: Web,
  waitUntil: (work: unknown) => void,
): RequestListener {
  return (incoming, outgoing) => {
    const handler = handlerFor(incoming.method ?? 'GET');
    if (!handler) {
      outgoing.writeHead(405).end();
      return;
    }
    respond(handler, incoming, outgoing, web, waitUntil).catch(error => answerWithError(error, outgoing));
  };
}

async function respond(
  handler: EdgeHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  web: Web,
  waitUntil: (work: unknown) => void,
): Promise<void> {
  const gone = new web.AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const response = await handler(webRequest(incoming, gone.signal, web), { waitUntil });
  if (!response) throw new TypeError('the edge function returned no Response');
  outgoing.statusCode = response.status;
  if (response.statusText) outgoing.statusMessage = response.statusText;
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') outgoing.appendHeader(name, value);
  }
  for (const cookie of response.headers.getSetCookie()) outgoing.appendHeader('set-cookie', cookie);
  if (response.body === null || incoming.method === 'HEAD') {
    outgoing.end();
    await response.body?.cancel();
    return;
  }
  // The client learns the status before the first event of a stream comes.
  outgoing.flushHeaders();
  await pump(response.body, outgoing);
}

async function pump(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const closed = new Promise<'closed'>(resolve => outgoing.once('close', () => resolve('closed')));
  for (;;) {
    const piece = await Promise.race([reader.read(), closed]);
    if (piece === 'closed') {
      await reader.cancel();
      return;
    }
    if (piece.done) break;
    if (!outgoing.write(Buffer.from(piece.value))) {
      await Promise.race([new Promise(resolve => outgoing.once('drain', resolve)), closed]);
    }
  }
  outgoing.end();
}

function webRequest(incoming: IncomingMessage, signal: AbortSignal, web: Web): Request {
  const scheme = incoming.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const hasBody =
    incoming.headers['content-length'] !== undefined || incoming.headers['transfer-encoding'] !== undefined;
  const isReading = incoming.method === 'GET' || incoming.method === 'HEAD';
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );
  return new web.Request(`${scheme}://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`, {
    method: incoming.method ?? 'GET',
    headers,
    signal,
    redirect: 'manual',
    ...(hasBody && !isReading ? { body: bodyOf(incoming, web), duplex: 'half' } : {}),
  } as RequestInit);
}

function bodyOf(incoming: IncomingMessage, web: Web): ReadableStream<Uint8Array> {
  const pieces = incoming[Symbol.asyncIterator]();
  return new web.ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    async cancel() {
      await pieces.return?.();
    },
  });
}
