import { lstat, readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { type ExportUse, moduleSyncUses } from './export-targets.ts';
import type { File, Files } from './shapes.ts';

/**
 * Adds what a function's packages load under the export condition `module-sync`. Node follows it from 20.19 and 22.10 on, but the
 * tracer that builders use follows it or not by the Node that it runs on, so that a function built on one Node lacks files on another
 * and dies at its first import (section 8.4 of the services reference).
 *
 * @param boundary absolute path of the repository's root.
 */
export async function withModuleSync(files: Files, boundary: string): Promise<Files> {
  const all: Record<string, File> = { ...files };
  const seen = new Set<string>();
  for (;;) {
    const missing = await missingTargets(all, seen);
    if (missing.length === 0) return all;
    for (const { root, path } of missing) {
      for (const file of await closure(join(root, path), root, boundary)) {
        const key = relative(root, file).split(sep).join('/');
        if (key.startsWith('../') || all[key] !== undefined) continue;
        all[key] = { type: 'FileFsRef', fsPath: file, mode: (await lstat(file)).mode };
      }
    }
  }
}

interface Missing {
  /** The folder that paths in the function are relative to. */
  readonly root: string;
  /** Path in the function. */
  readonly path: string;
}

async function missingTargets(files: Readonly<Record<string, File>>, seen: Set<string>): Promise<Missing[]> {
  const missing: Missing[] = [];
  for (const [key, file] of Object.entries(files)) {
    if (file.type !== 'FileFsRef' || !/(?:^|\/)node_modules\/.*package\.json$/.test(key) || seen.has(key))
      continue;
    seen.add(key);
    const text = await readFile(file.fsPath, 'utf8');
    if (!text.includes('"module-sync"') || !file.fsPath.endsWith(`/${key}`)) continue;
    const root = file.fsPath.slice(0, -key.length - 1);
    const folder = posix.dirname(key);
    for (const use of moduleSyncUses(text)) {
      for (const target of targetsInUse(use, folder, files)) {
        const path = posix.join(folder, target);
        if (files[path] === undefined && (await isThere(join(root, path)))) missing.push({ root, path });
      }
    }
  }
  return missing;
}

/** The targets of an entry of `exports` that the function already uses under another condition. */
function targetsInUse(use: ExportUse, folder: string, files: Readonly<Record<string, File>>): string[] {
  const found = new Set<string>();
  for (const other of use.others) {
    if (!other.includes('*')) {
      if (files[posix.join(folder, other)] !== undefined) for (const target of use.targets) found.add(target);
      continue;
    }
    const [before = '', after = ''] = posix.join(folder, other).split('*');
    for (const key of Object.keys(files)) {
      if (!key.startsWith(before) || !key.endsWith(after) || key.length < before.length + after.length)
        continue;
      const star = key.slice(before.length, key.length - after.length);
      for (const target of use.targets) found.add(target.replaceAll('*', star));
    }
  }
  return [...found];
}

/** A file and everything that it loads, as absolute paths. */
async function closure(file: string, root: string, boundary: string): Promise<string[]> {
  const { nodeFileTrace } = await import('@vercel/nft');
  const { fileList } = await nodeFileTrace([file], { base: root, processCwd: boundary, mixedModules: true });
  return [...fileList].map(path => join(root, path));
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    stats => stats.isFile(),
    () => false,
  );
}
