import { IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { parse } from 'node:querystring';

type Body = unknown;

/**
 * The conveniences that functions of the `api/` folder expect (`shouldAddHelpers`): `query`, `cookies` and `body` on the
 * request; `status`, `send`, `json` and `redirect` on the response.
 * https://vercel.com/docs/functions/runtimes/node-js/advanced-node-configuration#node.js-helpers
 */
export function withHelpers(listener: RequestListener): RequestListener {
  return async (incoming, response) => {
    const content = await readAll(incoming);
    const request = replayed(incoming, content);
    Object.defineProperties(request, {
      query: lazily(() => parse((request.url ?? '').split('?').slice(1).join('?'))),
      cookies: lazily(() => cookiesOf(request.headers.cookie ?? '')),
      body: lazily(() => bodyOf(content, request.headers['content-type'] ?? '')),
    });
    Object.assign(response, responseHelpers(response));
    return listener(request, response);
  };
}

function responseHelpers(response: ServerResponse) {
  const send = (body: Body): ServerResponse => {
    if (body === null || body === undefined) return response.end();
    if (typeof body === 'string') {
      setDefault(response, 'text/html; charset=utf-8');
      return response.end(body);
    }
    if (body instanceof Uint8Array) {
      setDefault(response, 'application/octet-stream');
      return response.end(body);
    }
    return json(body);
  };
  const json = (body: Body): ServerResponse => {
    setDefault(response, 'application/json; charset=utf-8');
    return response.end(JSON.stringify(body));
  };
  return {
    status(code: number): ServerResponse {
      response.statusCode = code;
      return response;
    },
    send,
    json,
    redirect(statusOrUrl: number | string, url?: string): ServerResponse {
      const status = typeof statusOrUrl === 'number' ? statusOrUrl : 307;
      return response.writeHead(status, { location: url ?? String(statusOrUrl) }).end();
    },
  };
}

function setDefault(response: ServerResponse, contentType: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', contentType);
}

function lazily(read: () => unknown): PropertyDescriptor {
  let value: { readonly result: unknown } | undefined;
  return {
    configurable: true,
    enumerable: true,
    get: () => {
      value ??= { result: read() };
      return value.result;
    },
    set: (result: unknown) => {
      value = { result };
    },
  };
}

function bodyOf(content: Buffer, contentType: string): Body {
  if (content.length === 0) return undefined;
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  switch (type) {
    case 'application/json':
      return parseJson(content.toString('utf8'));
    case 'application/x-www-form-urlencoded':
      return parse(content.toString('utf8'));
    case 'text/plain':
      return content.toString('utf8');
    default:
      return content;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('the body of the request is not valid JSON', { cause });
  }
}

function cookiesOf(header: string): Record<string, string> {
  const cookies: Record<string, string> = {};
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at === -1) continue;
    const name = part.slice(0, at).trim();
    cookies[name] ??= decoded(
      part
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
  }
  return cookies;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The same request with its body still to be read, for code that takes it as a stream and not as `body`. */
function replayed(incoming: IncomingMessage, content: Buffer): IncomingMessage {
  const request = new IncomingMessage(incoming.socket);
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = incoming;
  Object.assign(request, { method, url, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor });
  request.headers = headers;
  request.complete = true;
  if (content.length > 0) request.push(content);
  request.push(null);
  return request;
}
