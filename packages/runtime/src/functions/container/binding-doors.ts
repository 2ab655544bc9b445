import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { StartError } from '../processes.ts';

/** Ways from one container to the bindings of its service, which listen on this machine's loopback only. */
export interface BindingDoors {
  /** The bindings' variables with addresses that the container reaches. */
  readonly variables: Readonly<Record<string, string>>;
  /** Says which container may come in. Until then nobody may. */
  admit(address: string): void;
  close(): void;
}

/**
 * Opens one listener for each binding, at this machine's address in the run's network. Other containers of the run could
 * reach that address as well, so a door is open to one address only.
 *
 * @throws StartError where docker's networks are not this machine's (docker in a virtual machine, or without root).
 */
export async function openBindingDoors(
  bindings: Readonly<Record<string, string>>,
  gateway: string,
): Promise<BindingDoors> {
  const servers = new Map<string, Server>();
  const sockets = new Set<Socket>();
  let admitted: string | undefined;
  const variables: Record<string, string> = {};
  const close = () => {
    for (const server of servers.values()) server.close();
    for (const socket of sockets) socket.destroy();
  };
  try {
    for (const [name, url] of Object.entries(bindings)) {
      const target = new URL(url);
      let server = servers.get(target.host);
      if (!server) {
        server = createServer(socket => {
          if (socket.remoteAddress?.replace(/^::ffff:/, '') !== admitted) socket.destroy();
          else join(socket, connect(Number(target.port), target.hostname), sockets);
        });
        await listen(server, gateway);
        servers.set(target.host, server);
      }
      variables[name] = `http://${gateway}:${(server.address() as AddressInfo).port}${target.pathname}`;
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    variables,
    admit: address => {
      admitted = address;
    },
    close,
  };
}

function listen(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(
        new StartError(
          `its bindings cannot be opened at ${host}: ${error.message}. svc runs containers with docker on Linux, where docker's networks belong to this machine`,
        ),
      ),
    );
    server.listen(0, host, resolve);
    server.unref();
  });
}

function join(one: Socket, other: Socket, sockets: Set<Socket>): void {
  for (const [socket, peer] of [
    [one, other],
    [other, one],
  ] as const) {
    sockets.add(socket);
    // Half-open connections stay half open, as they would be without this in between.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    socket.on('error', () => peer.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      peer.destroy();
    });
    socket.pipe(peer);
  }
}
