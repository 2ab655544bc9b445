import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A handler whose error becomes the answer 500 to that request, and not the end of the others that run beside it. */
export function guarded(handler: Listener): RequestListener {
  return (request, response) => {
    // What the handler throws at once counts the same as what its promise rejects with.
    void (async () => handler(request, response))().catch(error => answerWithError(error, response));
  };
}

export function answerWithError(error: unknown, response: ServerResponse): void {
  console.error(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(500, {
    'content-type': 'text/plain; charset=utf-8',
    'x-vercel-error': 'FUNCTION_INVOCATION_FAILED',
  });
  response.end('500: the function failed\n');
}
