import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type TomlTable, tableAt, tablesIn, textsIn } from '@svc/builder-kit';
import type { Manifest } from './manifest.ts';

/** A binary target of a package. */
export interface BinaryTarget {
  readonly name: string;
  /** Its source, relative to the boundary. */
  readonly file: string;
  readonly features: readonly string[];
}

/**
 * The programs of a package, by cargo's rules: `[[bin]]` tables, and unless `autobins` is off `src/main.rs`,
 * `src/bin/NAME.rs` and `src/bin/NAME/main.rs`.
 */
export async function binaryTargets(boundary: string, manifest: Manifest): Promise<BinaryTarget[]> {
  const { name, table, folder } = manifest;
  if (name === null) return [];
  const found = await conventionalBinaries(boundary, manifest, name);
  const declared = tablesIn(table.bin).flatMap(bin => declaredBinary(bin, found, folder));
  const names = new Set(declared.map(each => each.name));
  const files = new Set(declared.map(each => each.file));
  const isAutomatic = tableAt(table, 'package').autobins !== false;
  const others = found.filter(each => !names.has(each.name) && !files.has(each.file));
  return [...declared, ...(isAutomatic ? others : [])];
}

function declaredBinary(bin: TomlTable, found: readonly BinaryTarget[], folder: string): BinaryTarget[] {
  if (typeof bin.name !== 'string') return [];
  const { name, path } = bin;
  const file =
    typeof path === 'string'
      ? posix.join(folder, path)
      : (found.find(each => each.name === name)?.file ?? posix.join(folder, `src/bin/${name}.rs`));
  return [{ name, file, features: textsIn(bin['required-features']) }];
}

async function conventionalBinaries(boundary: string, { folder }: Manifest, name: string) {
  const target = (each: string, path: string): BinaryTarget => ({
    name: each,
    file: posix.join(folder, path),
    features: [],
  });
  const main = (await namesIn(boundary, posix.join(folder, 'src'))).includes('main.rs');
  const bins = await namesIn(boundary, posix.join(folder, 'src/bin'));
  const inFolders = await Promise.all(
    bins
      .filter(each => !each.includes('.'))
      .map(async each => {
        const inner = await namesIn(boundary, posix.join(folder, 'src/bin', each));
        return inner.includes('main.rs') ? [target(each, `src/bin/${each}/main.rs`)] : [];
      }),
  );
  return [
    ...(main ? [target(name, 'src/main.rs')] : []),
    ...bins.filter(each => each.endsWith('.rs')).map(each => target(each.slice(0, -3), `src/bin/${each}`)),
    ...inFolders.flat(),
  ];
}

/** Every source that cargo looks for before it believes that a package is one; relative to the boundary. */
export async function targetFiles(boundary: string, manifest: Manifest): Promise<string[]> {
  const { folder, table } = manifest;
  if (manifest.name === null) return [];
  const library = tableAt(table, 'lib').path;
  const libraryFile = posix.join(folder, typeof library === 'string' ? library : 'src/lib.rs');
  const hasLibrary = (await namesIn(boundary, posix.dirname(libraryFile))).includes(
    posix.basename(libraryFile),
  );
  const others = ['example', 'test', 'bench'].flatMap(kind =>
    tablesIn(table[kind]).flatMap(({ name, path }) => {
      if (typeof path === 'string') return [posix.join(folder, path)];
      return typeof name === 'string' ? [posix.join(folder, PLACES[kind] ?? '', `${name}.rs`)] : [];
    }),
  );
  const binaries = (await binaryTargets(boundary, manifest)).map(({ file }) => file);
  return [...(hasLibrary ? [libraryFile] : []), ...binaries, ...others];
}

const PLACES: Readonly<Record<string, string>> = { example: 'examples', test: 'tests', bench: 'benches' };

export async function namesIn(boundary: string, folder: string): Promise<string[]> {
  try {
    return (await readdir(join(boundary, folder))).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
