import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Router } from '@svc/router';
import type { Tree } from '../deployment/read.ts';
import { listen } from './addresses.ts';
import type { Door } from './door.ts';

export interface BindingListeners {
  readonly servers: readonly Server[];
  /** The variables that the bindings of a service set. */
  variables(service: string | null): Readonly<Record<string, string>>;
}

/**
 * Opens a listener on loopback for every pair of services that a binding connects. It leads into the target's own table and
 * past the public one; which service calls is known by the listener that it comes in by, and by nothing in the request.
 */
export async function openBindings(
  services: readonly Tree[],
  router: Router,
  create: (door: Door) => Server,
): Promise<BindingListeners> {
  const servers: Server[] = [];
  const variables = new Map<string, Record<string, string>>();
  for (const { service: caller, bindings } of services) {
    if (caller === null) continue;
    const urls = new Map<string, string>();
    const own: Record<string, string> = {};
    for (const { service: target, env } of bindings) {
      let url = urls.get(target);
      if (url === undefined) {
        const server = create({ caller, decide: request => router.decideWithin(target, request) });
        url = await openOn(server);
        servers.push(server);
        urls.set(target, url);
      }
      own[env] = url;
    }
    variables.set(caller, own);
  }
  return { servers, variables: service => (service === null ? {} : (variables.get(service) ?? {})) };
}

async function openOn(server: Server): Promise<string> {
  const code = await listen(server, 0, '127.0.0.1');
  if (code !== null) throw new Error(`no port of 127.0.0.1 can be opened: ${code}`);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
