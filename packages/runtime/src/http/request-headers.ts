import type { IncomingMessage } from 'node:http';
import type { HeaderChange } from '@svc/router';
import type { HeaderList } from './header-list.ts';
import { isHopByHop, namedByConnection } from './hop-by-hop.ts';
import { isInternal } from './internal-headers.ts';

/** Where a request came in. */
export interface Origin {
  readonly id: string;
  /** Over a binding: what the caller says about its own client is true then. */
  readonly isTrusted: boolean;
  readonly clientAddress: string;
  /** As the client sent it. */
  readonly host: string;
  readonly port: number;
}

/** A request's headers as Node has them. */
export type RequestHeaders = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

type Take = (name: string, value: string) => void;

/** Header lines with their line ends, as they go to the code. */
export function requestHeaderLines(
  request: RequestHeaders,
  origin: Origin,
  changes: readonly HeaderChange[],
): string {
  let lines = '';
  eachRequestHeader(request, origin, changes, (name, value) => {
    lines += `${name}: ${value}\r\n`;
  });
  return lines;
}

/** The same headers as a list. */
export function requestHeaderList(
  request: RequestHeaders,
  origin: Origin,
  changes: readonly HeaderChange[],
): HeaderList {
  const list: [string, string][] = [];
  eachRequestHeader(request, origin, changes, (name, value) => list.push([name, value]));
  return list;
}

/**
 * A request's headers for whoever answers it: without those about the connection and those that only svc may set, with
 * those that tell about the client, as the tables changed them.
 */
export function eachRequestHeader(
  request: RequestHeaders,
  origin: Origin,
  changes: readonly HeaderChange[],
  take: Take,
): void {
  const { rawHeaders, headers } = request;
  const named = namedByConnection(headers.connection);
  const replaced = changes.length === 0 ? undefined : new Set(changes.map(([name]) => name));
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const key = name.toLowerCase();
    if (isHopByHop(key) || named.has(key) || replaced?.has(key)) continue;
    if (isInternal(key) && !(origin.isTrusted && isAboutClient(key))) continue;
    take(name, rawHeaders[at + 1] ?? '');
  }
  take('x-vercel-id', origin.id);
  for (const [name, value] of aboutClient(origin)) {
    if (replaced?.has(name) || (origin.isTrusted && headers[name] !== undefined)) continue;
    take(name, value);
  }
  for (const [name, value] of changes) {
    if (value !== null && isSendable(value)) take(name, value);
  }
  if (headers.te !== undefined && /\btrailers\b/i.test(String(headers.te))) take('te', 'trailers');
  if (headers.trailer !== undefined) take('trailer', headers.trailer);
}

function aboutClient({ clientAddress, host, port }: Origin): readonly (readonly [string, string])[] {
  return [
    ['x-forwarded-for', clientAddress],
    ['x-forwarded-host', host],
    ['x-forwarded-port', String(port)],
    ['x-forwarded-proto', 'http'],
    ['x-real-ip', clientAddress],
  ];
}

/** A line break, or what becomes one as a Latin-1 byte, would begin another request on the same connection. */
function isSendable(value: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value);
}

function isAboutClient(name: string): boolean {
  return name === 'forwarded' || name === 'x-real-ip' || name.startsWith('x-forwarded-');
}
