import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { failed, ok, type Result } from '@svc/contracts';

/** Both, because programs and browsers disagree on which one `localhost` is. */
const LOOPBACK = ['127.0.0.1', '::1'] as const;
const MOST_TRIES = 100;

export interface Listening {
  readonly servers: readonly Server[];
  readonly port: number;
  /** Addresses as they stand in URLs. */
  readonly hosts: readonly string[];
}

/**
 * Opens a port: on both loopback addresses, or on the one host that was asked for.
 *
 * @param isFixed fail rather than take the next free port.
 * Fails with `address-unavailable` when the port or the host cannot be had.
 */
export async function openPort(
  create: () => Server,
  {
    port,
    isFixed,
    host,
  }: { readonly port: number; readonly isFixed: boolean; readonly host: string | undefined },
): Promise<Result<Listening>> {
  const hosts = host === undefined ? LOOPBACK : [host];
  for (let candidate = port; candidate < Math.min(port + MOST_TRIES, 65_536); candidate++) {
    const opened = await openAll(create, candidate, hosts, host !== undefined);
    if (typeof opened !== 'string') return ok(opened);
    if (opened !== 'EADDRINUSE') return failed(refusal(host, candidate, opened));
    if (isFixed) return failed(taken(candidate));
  }
  return failed(taken(port));
}

async function openAll(
  create: () => Server,
  wanted: number,
  hosts: readonly string[],
  mustAll: boolean,
): Promise<Listening | string> {
  const servers: Server[] = [];
  const open: string[] = [];
  let port = wanted;
  for (const host of hosts) {
    const server = create();
    const code = await listen(server, port, host);
    if (code === null) {
      servers.push(server);
      open.push(host.includes(':') ? `[${host}]` : host);
      port = (server.address() as AddressInfo).port;
    } else if (mustAll || servers.length === 0 || code === 'EADDRINUSE') {
      await Promise.all(servers.map(close));
      return code;
    }
    // Else the machine has no IPv6, and one address is enough.
  }
  return { servers, port, hosts: open };
}

/** @returns null, or why not. */
export function listen(server: Server, port: number, host: string): Promise<string | null> {
  return new Promise(resolve => {
    const fail = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    server.once('error', fail);
    server.listen(port, host, () => {
      server.removeListener('error', fail);
      resolve(null);
    });
  });
}

export function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

function taken(port: number) {
  return {
    code: 'address-unavailable',
    message: `port ${port} is taken by another program`,
    help: 'End that program, or name another port with --port.',
  } as const;
}

function refusal(host: string | undefined, port: number, code: string) {
  const where = host === undefined ? `port ${port}` : `${host}, port ${port},`;
  const why =
    code === 'EACCES'
      ? 'that needs other rights'
      : code === 'EADDRNOTAVAIL'
        ? 'this machine has no such address'
        : code;
  return {
    code: 'address-unavailable',
    message: `${where} cannot be opened: ${why}`,
    help: 'Name another one with --port or --host.',
  } as const;
}
