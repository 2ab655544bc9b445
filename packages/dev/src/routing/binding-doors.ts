import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Project, ServiceConfig } from '@svc/contracts';
import type { Router } from '@svc/router';
import { close, type Door, listen } from '@svc/runtime';

/**
 * The private listeners of bindings: one for every pair of services that a binding connects, on loopback. They last while the
 * binding is declared, so that a caller's variable stays the same whatever else changes.
 */
export class BindingDoors {
  private readonly doors = new Map<string, { readonly server: Server; readonly url: string }>();

  constructor(
    private readonly router: () => Router,
    private readonly create: (door: Door) => Server,
  ) {}

  get servers(): readonly Server[] {
    return [...this.doors.values()].map(({ server }) => server);
  }

  /** Opens what the project declares and closes what it no longer does. */
  async match(project: Project): Promise<void> {
    const wanted = new Map<string, { caller: string; target: string }>();
    for (const { name, bindings } of project.services) {
      for (const { service } of bindings) wanted.set(keyOf(name, service), { caller: name, target: service });
    }
    for (const [key, { server }] of this.doors) {
      if (wanted.has(key)) continue;
      this.doors.delete(key);
      server.closeAllConnections();
      await close(server);
    }
    for (const [key, { caller, target }] of wanted) {
      if (!this.doors.has(key)) this.doors.set(key, await this.open(caller, target));
    }
  }

  /** The variables that a service's bindings set. */
  variables({ name, bindings }: ServiceConfig): Record<string, string> {
    const entries = bindings.flatMap(({ service, env }) => {
      const door = this.doors.get(keyOf(name, service));
      return door ? [[env, door.url] as const] : [];
    });
    return Object.fromEntries(entries);
  }

  private async open(caller: string, target: string) {
    const server = this.create({
      caller,
      decide: request => this.router().decideWithin(target, request),
    });
    const code = await listen(server, 0, '127.0.0.1');
    if (code !== null) throw new Error(`no port of 127.0.0.1 can be opened: ${code}`);
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
  }
}

/** No service's name holds a space. */
function keyOf(caller: string, target: string): string {
  return `${caller} ${target}`;
}
