import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Origin } from './request-headers.ts';
import { nextRequestId } from './request-id.ts';

/** Path and query of the request line; of an absolute URL (RFC 9112, section 3.2.2) what follows the host. */
export function targetOf({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/') || url === '*') return url;
  const [, path = ''] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(url) ?? [];
  return path.startsWith('/') ? path : `/${path}`;
}

/** @param caller the service that called over a binding; null for a request from outside. */
export function originOf(headers: IncomingHttpHeaders, socket: Socket, caller: string | null): Origin {
  const given = caller === null ? undefined : headers['x-vercel-id'];
  return {
    // A service that passes the id on keeps what belongs together together in the logs.
    id: typeof given === 'string' && /^[\w:.-]{1,128}$/.test(given) ? given : nextRequestId(),
    isTrusted: caller !== null,
    clientAddress: (socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    host: headers.host ?? '',
    port: portOf(headers.host) ?? socket.localPort ?? 80,
  };
}

function portOf(host: string | undefined): number | undefined {
  const [, port] = /:(\d{1,5})$/.exec(host ?? '') ?? [];
  return port === undefined ? undefined : Number(port);
}
