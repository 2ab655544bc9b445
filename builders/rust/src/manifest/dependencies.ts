import { posix } from 'node:path';
import { asTable, type TomlTable, tableAt, tablesIn } from '@svc/builder-kit';
import type { Manifest } from './manifest.ts';

export interface PathDependency {
  /** Relative to the boundary; leads out of it when it starts with `..`. */
  readonly folder: string;
  /** Only tests, examples and benchmarks need it. */
  readonly isForTests: boolean;
}

const KINDS = ['dependencies', 'build-dependencies', 'dev-dependencies'];

/** Dependencies of a package that are folders, written in its own manifest or inherited from its workspace. */
export function pathDependencies(manifest: Manifest, workspace: Manifest | undefined): PathDependency[] {
  const inherited = workspace ? tableAt(workspace.table, 'workspace', 'dependencies') : {};
  return dependencyTables(manifest.table).flatMap(({ kind, table }) =>
    Object.entries(table).flatMap(([name, value]) => {
      const own = asTable(value);
      const isInherited = own?.workspace === true;
      const path = isInherited ? asTable(inherited[name])?.path : own?.path;
      if (typeof path !== 'string') return [];
      const from = isInherited ? (workspace?.folder ?? '.') : manifest.folder;
      return [{ folder: posix.join(from, path), isForTests: kind === 'dev-dependencies' }];
    }),
  );
}

/** Folders that stand in for published packages: `[patch.…]` and `[replace]`, which only a workspace's root may have. */
export function patchedFolders(root: Manifest): string[] {
  const patches = tablesIn(Object.values(tableAt(root.table, 'patch')));
  return [...patches, tableAt(root.table, 'replace')].flatMap(table =>
    Object.values(table).flatMap(value => {
      const path = asTable(value)?.path;
      return typeof path === 'string' ? [posix.join(root.folder, path)] : [];
    }),
  );
}

/** Names of the packages that a manifest depends on, as published. */
export function dependencyNames({ table }: Manifest): string[] {
  return dependencyTables(table)
    .filter(({ kind }) => kind === 'dependencies')
    .flatMap(each => Object.entries(each.table))
    .map(([name, value]) => {
      const renamed = asTable(value)?.package;
      return typeof renamed === 'string' ? renamed : name;
    });
}

/** For every platform: `[dependencies]` and `[target.….dependencies]` alike. */
function dependencyTables(table: TomlTable): { kind: string; table: TomlTable }[] {
  const platforms = tablesIn(Object.values(tableAt(table, 'target')));
  return [table, ...platforms].flatMap(each => KINDS.map(kind => ({ kind, table: tableAt(each, kind) })));
}
