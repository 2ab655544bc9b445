import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { namesText } from './folder-names.ts';
import { InputTable } from './input-table.ts';
import { hashLarge, hashOf, type InputFolder, type Inventory, LARGE, SLICE, sha256 } from './inventory.ts';
import { type LastBuild, rangeOf } from './last-build.ts';
import { digestAt } from './nothing-changed.ts';
import { FIELDS, isAsRecorded, isSameStat, readStat, statOf } from './stats.ts';
import { identityOf } from './views.ts';

export interface RetakeRequest {
  readonly last: LastBuild;
  /** As the last inventory found them. */
  readonly repositories: readonly string[];
  /** Files whose change makes the answer worthless to the caller: they are looked at first. */
  decides(path: string): boolean;
}

/** An inventory of the same files as the last one's, some of which hold something else now. */
export interface Retaken {
  readonly inventory: Inventory;
  /** Paths of those, relative to the boundary. */
  readonly changed: readonly string[];
}

/**
 * The inventory of a project in which files have at most changed since the last build, taken from that build's record by
 * their status alone: no folder is read but those that were written to, no listing is needed. Undefined where anything has
 * come, gone or become something else, where a file that `decides` has changed: then the project is looked at afresh.
 */
export async function retakeInventory(request: RetakeRequest): Promise<Retaken | undefined> {
  const { last, repositories } = request;
  if (!decidingFilesAreSame(request)) return undefined;
  const folders = sameFolders(last);
  if (!folders) return undefined;
  const files = new InputTable();
  const changed: string[] = [];
  const [start, end] = rangeOf(last.header, 'inputs');
  let since = performance.now();
  let read = 0;
  for (let index = start; index < end; index++) {
    if (performance.now() - since > SLICE) {
      await setImmediate();
      since = performance.now();
    }
    const path = last.paths[index] ?? '';
    const at = `${last.header.boundary}/${path}`;
    const stat = statOf(at);
    if (!stat) return undefined;
    const known = digestAt(last, index);
    if (isSameStat(last.stats, index * FIELDS, stat)) {
      files.set(path, stat, known);
      continue;
    }
    read++;
    const digest = stat.size > LARGE ? await hashLarge(at) : hashOf(at, stat);
    files.set(path, stat, digest);
    const before = { stat: readStat(last.stats, index * FIELDS), digest: known };
    if (identityOf({ stat, digest }) === identityOf(before)) continue;
    changed.push(path);
  }
  const inventory = { files, folders: withContent(folders, files), hasStrangers: false, read, repositories };
  return { inventory, changed };
}

/** The recorded folders with their status of now; undefined when one holds other names. */
function sameFolders(last: LastBuild): Omit<InputFolder, 'isEmpty'>[] | undefined {
  const folders: Omit<InputFolder, 'isEmpty'>[] = [];
  const [start, end] = rangeOf(last.header, 'folders');
  for (let index = start; index < end; index++) {
    const path = last.paths[index] ?? '';
    const at = `${last.header.boundary}/${path}`;
    // Status before names: what comes in between changes the status and is noticed.
    const stat = statOf(at);
    const digest = digestAt(last, index);
    if (!isSameStat(last.stats, index * FIELDS, stat) && !namesOf(at)?.equals(digest)) return undefined;
    folders.push({ path, stat, digest });
  }
  return folders;
}

/** By status alone: one that was only touched is worth a fresh look too. */
function decidingFilesAreSame({ last, decides }: RetakeRequest): boolean {
  const [start, end] = rangeOf(last.header, 'inputs');
  for (let index = start; index < end; index++) {
    const path = last.paths[index] ?? '';
    if (!decides(path)) continue;
    if (!isAsRecorded(last.stats, index * FIELDS, `${last.header.boundary}/${path}`)) return false;
  }
  return true;
}

function namesOf(folder: string): Buffer | undefined {
  try {
    return sha256(namesText(readdirSync(folder, { withFileTypes: true })));
  } catch {
    // It is gone, or closed to us.
    return undefined;
  }
}

function withContent(folders: readonly Omit<InputFolder, 'isEmpty'>[], files: InputTable): InputFolder[] {
  const full = new Set<string>(files.size > 0 ? ['.'] : []);
  for (const path of files.keys())
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (full.has(folder)) break;
      full.add(folder);
    }
  return folders.map(folder => ({ ...folder, isEmpty: !full.has(folder.path) }));
}
