import type { Duplex } from 'node:stream';
import type { ResponseRules } from '@svc/router';
import type { HeaderList } from '../http/header-list.ts';
import { responseHeaders } from '../http/response-headers.ts';
import { tunnel, upgradeHead } from '../proxy/tunnel.ts';
import type { Visit } from './visit.ts';

/** Connects a visitor who waits for another protocol with the other end, which has agreed to it. */
export function switchProtocol(
  visit: Visit,
  rules: ResponseRules,
  agreed: { readonly message: string; readonly headers: HeaderList },
  other: Duplex,
  rest: Buffer,
): void {
  const { upgrade, request, response, origin } = visit;
  if (!upgrade) throw new Error('a protocol was changed that nobody wanted changed');
  // Node's response object has nothing more to do with the connection.
  response.detachSocket(upgrade.socket as Parameters<typeof response.detachSocket>[0]);
  const headers = responseHeaders(agreed.headers, rules, origin.id, { allowsTrailers: false });
  upgrade.socket.write(upgradeHead(agreed.message, headers, String(request.headers.upgrade)), 'latin1');
  if (rest.length > 0) upgrade.socket.write(rest);
  if (upgrade.head.length > 0) other.write(upgrade.head);
  visit.tunnelled = tunnel(upgrade.socket, other).then(bytes => bytes + rest.length);
}
