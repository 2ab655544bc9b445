import { lstatSync, mkdirSync, renameSync } from 'node:fs';
import { chmod, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRunning } from '@svc/process';

/** The folders of one working copy below `.svc/work/<id>`; all absolute. */
export interface CopyFolders {
  readonly base: string;
  /** Where the parts are put together; holds what steps write into composed folders. */
  readonly skeleton: string;
  /** What steps write into shown folders. */
  readonly upper: string;
  readonly scratch: string;
  /** Shown to steps at its own path: `output/`, `home/`, `report.json`, `trace`. */
  readonly control: string;
  readonly temp: string;
}

export function copyFolders(work: string, id: string): CopyFolders {
  const base = join(work, folderName(id));
  return {
    base,
    skeleton: join(base, 'root'),
    upper: join(base, 'upper'),
    scratch: join(base, 'scratch'),
    control: join(base, 'control'),
    temp: join(base, 'tmp'),
  };
}

/** Ids hold `:` and `/`, which neither file systems nor mount options like. Readable where the id is, unique always. */
export function folderName(id: string): string {
  return id.replaceAll('%', '%25').replaceAll('/', '%2F').replaceAll(':', '@').replaceAll(',', '%2C');
}

/**
 * Moves a folder out of the way at once and deletes it behind the caller's back; `settled` waits for all of that.
 * Working copies hold up to a whole `node_modules`, and nobody needs to wait for its end.
 */
export class Trash {
  readonly #folder: string;
  readonly #pending = new Set<Promise<void>>();
  #next = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async discard(path: string): Promise<void> {
    const place = join(this.#folder, `${process.pid}-${this.#next++}`);
    mkdirSync(this.#folder, { recursive: true });
    if (!(await renameIfThere(path, place))) return;
    const removal = removeTree(place).finally(() => this.#pending.delete(removal));
    this.#pending.add(removal);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#pending);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Moves a file or folder, making the folders above; false when there is nothing to move. */
export async function renameIfThere(from: string, to: string): Promise<boolean> {
  if (!(await exists(from))) return false;
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
  return true;
}

export async function exists(path: string): Promise<boolean> {
  return (await lstatIfThere(path)) !== undefined;
}

/** Synchronous inside: a look takes microseconds, and a trip through the thread pool a hundred times that beside other work. */
export async function lstatIfThere(path: string) {
  try {
    return lstatSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Removes a tree even where it holds folders without permissions, as overlay's own and some tools' do. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOTEMPTY') throw error;
    await openTree(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function openTree(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openTree(join(folder, entry.name));
  }
}

export async function emptyFolders(root: string, paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map(path => removeTree(join(root, path))));
}

const PROBE = /^probe-(\d+)-/;

/** Where a run tries out what the machine allows: the name tells others that it is in use, and by whom. */
export function probePrefix(work: string): string {
  return join(work, `probe-${process.pid}-`);
}

/** Discards the working copies of services and installs that a project no longer has, and what killed runs left. */
export async function discardOthers(work: string, ids: readonly string[], trash: Trash): Promise<void> {
  const known = new Set([...ids.map(folderName), 'mask', 'shared']);
  for (const name of await readdir(work)) {
    const prober = PROBE.exec(name)?.[1];
    if (prober !== undefined && isRunning(Number(prober))) continue;
    if (!known.has(name.replace(/\.(stamp|last)$/, ''))) await trash.discard(join(work, name));
  }
}
