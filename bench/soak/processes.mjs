// What the system knows of a process and of what it has started, by /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of memory that a process holds. */
export function residentMemory(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** How many files, sockets and pipes a process has open. */
export function openFiles(pid) {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Ids of all that descend from a process, without itself, ended ones that nobody has waited for included. */
export function descendants(pid) {
  const children = new Map();
  for (const id of processIds()) {
    const parent = Number(/\) \S (\d+)/.exec(read(`/proc/${id}/stat`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), id]);
  }
  const found = [...(children.get(pid) ?? [])];
  for (const id of found) found.push(...(children.get(id) ?? []));
  return found;
}

/** A process by its id and the moment in which it started, since ids are given again; undefined when it has ended. */
export function identityOf(pid) {
  // What is behind the name in parentheses is numbers: see proc_pid_stat(5).
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ');
  return fields.length < 20 || /[ZX]/.test(fields[0]) ? undefined : `${pid}@${fields[19]}`;
}

/** A variable in the environment of a process. */
export function variableOf(pid, name) {
  const line = read(`/proc/${pid}/environ`)
    .split('\0')
    .find(each => each.startsWith(`${name}=`));
  return line?.slice(name.length + 1);
}

/** Ids of all processes that have a variable of this name and value in their environment, wherever they have gone. */
export function marked(name, value) {
  return processIds().filter(id => `\0${read(`/proc/${id}/environ`)}\0`.includes(`\0${name}=${value}\0`));
}

/** Paths of the files and folders below a folder. */
export function entriesBelow(folder) {
  return readdirSync(folder, { recursive: true });
}

function processIds() {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number);
}

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended meanwhile, or is another user's.
    return '';
  }
}
