import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface PortHolder {
  readonly pid: number;
  /** Its command line, shortened. */
  readonly command: string;
}

const LISTENING = '0A';
const LONGEST_COMMAND = 100;

/** The process that listens on a port of this machine; undefined where the system does not tell (only Linux does, of own processes). */
export function portHolder(port: number): PortHolder | undefined {
  const sockets = listeningSockets(port);
  if (sockets.size === 0) return undefined;
  for (const name of list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const isHolder = list(`/proc/${name}/fd`).some(descriptor => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(link(`/proc/${name}/fd/${descriptor}`)) ?? [];
      return inode !== undefined && sockets.has(inode);
    });
    if (!isHolder) continue;
    const command = read(`/proc/${name}/cmdline`).replace(/\0/g, ' ').trim();
    return { pid: Number(name), command: command.slice(0, LONGEST_COMMAND) };
  }
  return undefined;
}

/** Inodes of the sockets that listen there, from the kernel's tables of TCP. */
function listeningSockets(port: number): Set<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(table =>
    read(table)
      .split('\n')
      .map(line => line.trim().split(/\s+/))
      .filter(columns => columns[1]?.endsWith(`:${hex}`) && columns[3] === LISTENING)
      .flatMap(columns => columns[9] ?? []),
  );
  return new Set(inodes);
}

function list(folder: string): string[] {
  return attempt(() => readdirSync(folder)) ?? [];
}

function read(file: string): string {
  return attempt(() => readFileSync(file, 'latin1')) ?? '';
}

function link(file: string): string {
  return attempt(() => readlinkSync(file)) ?? '';
}

/** What has ended meanwhile, or is another user's, tells nothing. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
