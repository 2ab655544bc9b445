import { type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HeaderChange, ResponseRules } from '@svc/router';
import { asNodeHeaders, type HeaderList } from '../http/header-list.ts';
import { eachRequestHeader, type Origin } from '../http/request-headers.ts';
import { responseHeaders } from '../http/response-headers.ts';
import { pairs } from './call.ts';

export interface ExternalForwarding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly origin: Origin;
  /** Absolute. */
  readonly url: string;
  readonly requestHeaders: readonly HeaderChange[];
  readonly rules: ResponseRules;
  readonly status: number | undefined;
  /** Present for a request to change the protocol: what is done with the connection once the site has agreed to it. */
  readonly onUpgrade?: (
    agreed: { readonly message: string; readonly headers: HeaderList },
    socket: Duplex,
    rest: Buffer,
  ) => void;
}

/**
 * Passes a request on to another site, which is asked for by its own name. Resolves with the bytes of the answer's body.
 * @throws when the site cannot be reached or breaks off.
 */
export async function forwardOutside(forwarding: ExternalForwarding): Promise<number> {
  const { request, response, origin, rules, status } = forwarding;
  const answer = await ask(forwarding);
  if (answer === 'upgraded') return 0;
  const own = pairs(answer.rawHeaders);
  const headers = responseHeaders(own, rules, origin.id, { allowsTrailers: false });
  response.writeHead(status ?? answer.statusCode ?? 502, asNodeHeaders(headers));
  if (request.method === 'HEAD') {
    answer.resume();
    response.end();
    return 0;
  }
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  try {
    await pipeline(answer, response);
  } catch (error) {
    if (!response.destroyed) throw error;
  }
  return bytes;
}

function ask({
  request,
  response,
  origin,
  url,
  requestHeaders,
  onUpgrade,
}: ExternalForwarding): Promise<IncomingMessage | 'upgraded'> {
  const target = new URL(url);
  const headers: string[] = ['host', target.host];
  eachRequestHeader(request, origin, requestHeaders, (name, value) => {
    if (name.toLowerCase() !== 'host') headers.push(name, value);
  });
  if (request.headers['transfer-encoding'] !== undefined) headers.push('transfer-encoding', 'chunked');
  if (onUpgrade) headers.push('connection', 'Upgrade', 'upgrade', String(request.headers.upgrade));
  return new Promise((resolve, reject) => {
    const send = target.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = send(target, { method: request.method ?? 'GET', headers }, resolve);
    outgoing.on('continue', () => response.writeContinue());
    outgoing.once('error', reject);
    response.once('close', () => outgoing.destroy());
    if (!onUpgrade) {
      request.pipe(outgoing);
      return;
    }
    outgoing.once('upgrade', (answer: IncomingMessage, socket: Duplex, rest: Buffer) => {
      onUpgrade({ message: answer.statusMessage ?? '', headers: pairs(answer.rawHeaders) }, socket, rest);
      resolve('upgraded');
    });
    outgoing.end();
  });
}
