import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { holdsNoInputs, namesText } from './folder-names.ts';
import { InputTable } from './input-table.ts';
import { DIGEST_BYTES, type LastBuild, rangeOf } from './last-build.ts';
import { FIELDS, type FileState, isRacy, isSameStat, nowMs, statOf, statTable, writeStat } from './stats.ts';

export interface InventoryRequest {
  /** Absolute path. */
  readonly boundary: string;
  /** Inputs by path relative to the boundary, as `sources` has them, whether or not they are still there. */
  readonly listed: ReadonlySet<string>;
  /** What exists and is no input; folders end in `/`. */
  readonly ignored: ReadonlySet<string>;
  /** Those of the ignored folders in which a new file could be an input. */
  readonly open: ReadonlySet<string>;
  /** Ignored files that count all the same: env files, settings with logins. */
  readonly extra: ReadonlySet<string>;
  /** What is known from before: files whose status has not changed are not read again. */
  readonly last: LastBuild | undefined;
}

/** A file or link that is an input. */
export interface InputFile {
  readonly path: string;
  readonly stat: FileState;
  /** Of the content, or of where a link leads. */
  readonly digest: Buffer;
}

export interface InputFolder {
  readonly path: string;
  readonly stat: FileState | undefined;
  /** Of the names in it. */
  readonly digest: Buffer;
  /** Whether it holds nothing that is an input, directly or below. */
  readonly isEmpty: boolean;
}

/** Everything that a project's steps can see, looked at once for all services of a run. */
export interface Inventory {
  /** By path. */
  readonly files: Pick<InputTable, 'get' | 'has' | 'keys' | 'values' | 'size'>;
  readonly folders: readonly InputFolder[];
  /** Whether something was found that was not there when the project's files were listed a moment before. */
  readonly hasStrangers: boolean;
  /** How many files had to be read. */
  readonly read: number;
  /** Folders below the boundary that hold a repository of their own; absolute. */
  readonly repositories: readonly string[];
}

/** Files above this size are streamed (bytes). */
export const LARGE = 4 * 1024 * 1024;
/** Milliseconds of synchronous work after which timers and signals get their turn. */
export const SLICE = 15;

/** Looks at every input: its status always, its content only where the status is new. */
export async function takeInventory(request: InventoryRequest): Promise<Inventory> {
  const known = knownDigests(request.last);
  const walk = new Walk(request, known);
  await walk.folder('', false);
  const { files, folders, hasStrangers, read, repositories } = walk;
  return { files, folders, hasStrangers, read, repositories };
}

class Walk {
  readonly files = new InputTable();
  readonly folders: InputFolder[] = [];
  readonly repositories: string[] = [];
  hasStrangers = false;
  read = 0;
  #since = performance.now();

  constructor(
    private readonly request: InventoryRequest,
    private readonly known: (path: string, stat: FileState) => Buffer | undefined,
  ) {}

  /** `prefix` is empty or ends in `/`. True when there is an input in the folder or below. */
  async folder(prefix: string, inIgnored: boolean): Promise<boolean> {
    const { boundary, ignored, open } = this.request;
    const at = `${boundary}/${prefix}`;
    // Status before names: what comes in between changes the status and is noticed.
    const stat = statOf(at);
    const entries = readdirSync(at, { withFileTypes: true });
    const place = this.folders.length;
    let holdsInputs = false;
    this.folders.push(folderOf(prefix, stat, namesText(entries), false));
    for (const entry of entries) {
      const path = prefix + entry.name;
      if (entry.name === '.git') {
        if (prefix !== '') this.repositories.push(at.slice(0, -1));
      } else if (entry.isDirectory()) {
        if (holdsNoInputs(entry.name)) continue;
        const isIgnored = inIgnored || ignored.has(`${path}/`);
        if (isIgnored && !(open.has(`${path}/`) || (inIgnored && !ignored.has(`${path}/`)))) {
          // Nothing in it counts but what is named.
          if (this.#namedBelow(`${path}/`)) holdsInputs = true;
          continue;
        }
        if (await this.folder(`${path}/`, isIgnored)) holdsInputs = true;
      } else if (this.#isInput(path)) {
        if (await this.#add(path)) holdsInputs = true;
      } else if (!inIgnored && !ignored.has(path) && (entry.isFile() || entry.isSymbolicLink())) {
        this.hasStrangers = true;
      }
    }
    if (!holdsInputs) this.folders[place] = folderOf(prefix, stat, namesText(entries), true);
    return holdsInputs;
  }

  #isInput(path: string): boolean {
    return this.request.listed.has(path) || this.request.extra.has(path);
  }

  #namedBelow(folder: string): boolean {
    let found = false;
    for (const path of [...this.request.extra, ...trackedBelow(this.request.listed, folder)])
      if (path.startsWith(folder) && this.#addNow(path)) found = true;
    return found;
  }

  async #add(path: string): Promise<boolean> {
    if (performance.now() - this.#since > SLICE) {
      await setImmediate();
      this.#since = performance.now();
    }
    const stat = statOf(`${this.request.boundary}/${path}`);
    if (stat && stat.size > LARGE && !this.known(path, stat)) {
      this.read++;
      this.files.set(path, stat, await hashLarge(`${this.request.boundary}/${path}`));
      return true;
    }
    return this.#addNow(path, stat);
  }

  #addNow(path: string, stat = statOf(`${this.request.boundary}/${path}`)): boolean {
    // Deleted, but not yet for git.
    if (!stat) return false;
    let digest = this.known(path, stat);
    if (!digest) {
      this.read++;
      digest = hashOf(`${this.request.boundary}/${path}`, stat);
    }
    this.files.set(path, stat, digest);
    return true;
  }
}

/** A folder may be ignored and still hold files that git tracks; looking for them needs a pass over all, so it is rare. */
function* trackedBelow(listed: ReadonlySet<string>, folder: string): Generator<string> {
  for (const path of listed) if (path.startsWith(folder)) yield path;
}

function folderOf(prefix: string, stat: FileState | undefined, names: string, isEmpty: boolean): InputFolder {
  return { path: prefix === '' ? '.' : prefix.slice(0, -1), stat, digest: sha256(names), isEmpty };
}

function knownDigests(last: LastBuild | undefined) {
  if (!last) return () => undefined;
  const [start, end] = rangeOf(last.header, 'inputs');
  const places = new Map<string, number>();
  for (let index = start; index < end; index++) places.set(last.paths[index] ?? '', index);
  return (path: string, stat: FileState): Buffer | undefined => {
    const index = places.get(path);
    if (index === undefined || !isSameStat(last.stats, index * FIELDS, stat)) return undefined;
    return last.digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
  };
}

export function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

/** Digest of a file's content or of where a link leads. */
export function hashOf(path: string, stat: FileState): Buffer {
  if (stat.isSymbolicLink()) return sha256(`link\0${readlinkSync(path)}`);
  return stat.isFile() ? sha256(readFileSync(path)) : sha256(`neither file nor link`);
}

export async function hashLarge(path: string): Promise<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest();
}

export interface SecondLook {
  /** Paths of inputs and folders that are no longer as they were. */
  readonly changed: ReadonlySet<string>;
  /** The folders with their status of now, where their names are the same: svc itself may have made its own in one. */
  readonly folders: readonly InputFolder[];
}

/**
 * Looks again after a build: which inputs are no longer as they were when the inventory was taken. A build that read some
 * files before and some after a change is no result of either. Files that had changed just before the first look are read
 * again, as their time stamps cannot tell. `takenAt`: when the first look began, milliseconds since 1970.
 */
export function lookAgain(boundary: string, inventory: Inventory, takenAt: number): SecondLook {
  const changed = new Set<string>();
  const stats = statTable(1);
  for (const { path, stat, digest } of inventory.files.values()) {
    const at = `${boundary}/${path}`;
    const now = statOf(at);
    writeStat(stats, 0, stat);
    if (!now || !isSameStat(stats, 0, now)) changed.add(path);
    else if (isRacy(stat, takenAt) && (isRacy(now, nowMs()) || !hashOf(at, now).equals(digest)))
      changed.add(path);
  }
  const folders = inventory.folders.map(folder => {
    const at = `${boundary}/${folder.path}`;
    const now = statOf(at);
    writeStat(stats, 0, folder.stat);
    if (now && folder.stat && isSameStat(stats, 0, now) && !isRacy(folder.stat, takenAt)) return folder;
    if (!namesAt(at)?.equals(folder.digest)) changed.add(folder.path);
    // A status that may stand for two states proves nothing; the older one differs and has the names compared.
    return now && isRacy(now, nowMs()) ? { ...folder, stat: undefined } : { ...folder, stat: now };
  });
  return { changed, folders };
}

function namesAt(folder: string): Buffer | undefined {
  try {
    return sha256(namesText(readdirSync(folder, { withFileTypes: true })));
  } catch {
    // It is gone, or closed to us.
    return undefined;
  }
}
