import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ViewEntry, WorkingView } from '@svc/contracts';
import { lstatIfThere } from './folders.ts';
import { joinPath } from './paths.ts';

/**
 * One layer of a view: a folder of this machine that mirrors the boundary. `shows` says which of its paths count.
 */
export interface Layer {
  readonly folder: string;
  readonly shows?: (path: string) => boolean;
}

export interface LayeredTree {
  /** Top first. */
  readonly layers: readonly Layer[];
  /** Folders that were put together part by part; no mount merges what is in them. */
  readonly isComposed: (path: string) => boolean;
  /** Asked where more than one layer has a part in a mounted folder, which only the kernel puts together exactly. */
  readonly copyMerged: (directory: string, to: string) => Promise<void>;
}

/**
 * Reads a tree that overlay mounts showed to the steps from outside, with the marks that overlay leaves for deleted
 * files.
 */
export function layeredView({ layers, isComposed, copyMerged }: LayeredTree): WorkingView {
  async function found(path: string): Promise<{ layer: Layer; kind: ViewEntry['kind'] }[]> {
    const parts: { layer: Layer; kind: ViewEntry['kind'] }[] = [];
    for (const layer of layers) {
      if (layer.shows && !layer.shows(path)) continue;
      const stats = await lstatIfThere(join(layer.folder, path));
      if (!stats) continue;
      // A character device is overlay's mark for "deleted": nothing below it counts.
      if (stats.isCharacterDevice()) break;
      const kind = kindOf(stats);
      parts.push({ layer, kind });
      if (kind !== 'directory') break;
    }
    // A file below a folder of an upper layer is hidden by that folder.
    const first = parts[0];
    return first?.kind === 'directory' ? parts.filter(part => part.kind === 'directory') : parts.slice(0, 1);
  }

  async function copyComposed(
    directory: string,
    to: string,
    keep?: (path: string) => boolean,
  ): Promise<void> {
    await mkdir(to, { recursive: true });
    for (const { name, kind } of (await view.list(directory)) ?? []) {
      const path = joinPath(directory, name);
      if (keep && !keep(path)) continue;
      if (kind === 'directory') await view.copy(path, join(to, name), keep);
      else await copyEntry(await view.locate(path), join(to, name), kind);
    }
  }

  const view: WorkingView = {
    async stat(path) {
      const [first] = await found(path);
      return first && { name: path.slice(path.lastIndexOf('/') + 1), kind: first.kind };
    },
    async list(directory) {
      const parts = await found(directory);
      if (parts[0]?.kind !== 'directory') return undefined;
      const names = new Set<string>();
      for (const part of parts)
        for (const name of await readdir(join(part.layer.folder, directory))) names.add(name);
      const entries: ViewEntry[] = [];
      for (const name of names) {
        const entry = await view.stat(joinPath(directory, name));
        if (entry) entries.push(entry);
      }
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async locate(path) {
      const parts = await found(path);
      const [only] = parts;
      if (!only) return undefined;
      const holders = await nonEmpty(
        parts.map(part => join(part.layer.folder, path)),
        only.kind,
      );
      return holders.length === 1 ? holders[0] : undefined;
    },
    async copy(directory, to, keep) {
      if (isComposed(directory)) return copyComposed(directory, to, keep);
      const parts = await found(directory);
      const holders = await nonEmpty(
        parts.map(part => join(part.layer.folder, directory)),
        'directory',
      );
      const [only] = holders;
      if (holders.length > 1) {
        await copyMerged(directory, to);
        if (keep) await prune(to, directory, keep);
        return;
      }
      const shows = parts.find(part => join(part.layer.folder, directory) === only)?.layer.shows;
      if (only)
        await copyTree(only, to, directory, path => (keep?.(path) ?? true) && (shows?.(path) ?? true));
      else if (parts.length > 0) await mkdir(to, { recursive: true });
    },
  };
  return view;
}

/** A view of a tree that simply is there. */
export function plainView(folder: string, shows?: (path: string) => boolean): WorkingView {
  return layeredView({
    layers: [{ folder, ...(shows && { shows }) }],
    isComposed: () => false,
    copyMerged: () => {
      throw new Error('one layer never needs merging');
    },
  });
}

/** The folders among these that hold anything; mount points and emptied folders have no part in a merge. */
async function nonEmpty(paths: readonly string[], kind: ViewEntry['kind']): Promise<string[]> {
  if (kind !== 'directory' || paths.length === 1) return [...paths];
  const filled: string[] = [];
  for (const path of paths) if ((await readdir(path)).length > 0) filled.push(path);
  return filled.length > 0 ? filled : paths.slice(0, 1);
}

/**
 * Copies a tree: links as they are, modes 644 or 755, copy-on-write where the file system can. `prefix` is the path
 * that `keep` sees for `from` itself.
 */
export async function copyTree(
  from: string,
  to: string,
  prefix: string,
  keep: (path: string) => boolean,
): Promise<void> {
  await mkdir(to, { recursive: true });
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async entry => {
      const path = joinPath(prefix, entry.name);
      if (!keep(path)) return;
      const source = join(from, entry.name);
      const target = join(to, entry.name);
      if (entry.isDirectory()) await copyTree(source, target, path, keep);
      else if (entry.isSymbolicLink()) await copyEntry(source, target, 'link');
      else if (entry.isFile()) await copyEntry(source, target, 'file');
    }),
  );
}

async function copyEntry(source: string | undefined, target: string, kind: 'file' | 'link'): Promise<void> {
  if (source === undefined) return;
  if (kind === 'link') await symlink(await readlink(source), target);
  else await copyFile(source, target, constants.COPYFILE_FICLONE);
}

async function prune(folder: string, prefix: string, keep: (path: string) => boolean): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = joinPath(prefix, entry.name);
    if (!keep(path)) await rm(join(folder, entry.name), { recursive: true });
    else if (entry.isDirectory()) await prune(join(folder, entry.name), path, keep);
  }
}

export function kindOf(stats: { isDirectory(): boolean; isSymbolicLink(): boolean }): ViewEntry['kind'] {
  return stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'file';
}
