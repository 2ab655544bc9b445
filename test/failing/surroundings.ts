import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathOfTheSystem } from '../support/tools.ts';
import type { Surroundings } from './project.ts';

/** A `PATH` that leads to everything that this one does, but for programs with such names. */
export async function without(programs: RegExp): Promise<Surroundings> {
  const copies = mkdtempSync(join(tmpdir(), 'svc-path-'));
  const folders = pathOfTheSystem()
    .split(delimiter)
    .filter(folder => existsSync(folder));
  const kept = folders.map((folder, index) => {
    const names = readdirSync(folder);
    if (!names.some(name => programs.test(name))) return folder;
    const copy = join(copies, String(index));
    mkdirSync(copy);
    for (const name of names) if (!programs.test(name)) symlinkSync(join(folder, name), join(copy, name));
    return copy;
  });
  return {
    env: { PATH: kept.join(delimiter) },
    stop: () => rm(copies, { recursive: true, force: true }),
  };
}

/** A package registry that wants a password that nobody gave. */
export async function lockedRegistry(
  variables: (url: string) => Readonly<Record<string, string>>,
): Promise<Surroundings> {
  const server = createServer((_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="packages"' }).end('authentication required');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    env: variables(`http://127.0.0.1:${port}/`),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
