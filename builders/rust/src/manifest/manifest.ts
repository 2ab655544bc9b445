import { join, posix } from 'node:path';
import { asTable, readIfThere, type TomlTable, tableAt } from '@svc/builder-kit';
import { ok, type Result } from '@svc/contracts';
import { parseCargoToml } from './parse.ts';

/** A `Cargo.toml`. */
export interface Manifest {
  /** Holds it; relative to the boundary. */
  readonly folder: string;
  readonly table: TomlTable;
  readonly text: string;
  /** The package's name; null in a manifest that only makes a workspace. */
  readonly name: string | null;
  readonly isWorkspace: boolean;
}

/** Reads manifests of a checkout, each once. Folders are relative to the boundary. */
export class Manifests {
  readonly #boundary: string;
  readonly #shown: (path: string) => string;
  readonly #read = new Map<string, Promise<Result<Manifest | undefined>>>();

  /** @param shown turns a path relative to the boundary into what the user would type. */
  constructor(boundary: string, shown: (path: string) => string) {
    this.#boundary = boundary;
    this.#shown = shown;
  }

  /** The manifest in a folder; nothing when there is none. Failure: `entrypoint-invalid` when it is no TOML. */
  in(folder: string): Promise<Result<Manifest | undefined>> {
    const known = this.#read.get(folder) ?? this.#load(folder);
    this.#read.set(folder, known);
    return known;
  }

  async #load(folder: string): Promise<Result<Manifest | undefined>> {
    const path = posix.join(folder, 'Cargo.toml');
    const text = await readIfThere(join(this.#boundary, path));
    if (text === undefined) return ok(undefined);
    const parsed = parseCargoToml(text, this.#shown(path));
    if (!parsed.ok) return parsed;
    const table = parsed.value;
    const { name } = tableAt(table, 'package');
    return ok({
      folder,
      table,
      text,
      name: typeof name === 'string' ? name : null,
      isWorkspace: asTable(table.workspace) !== undefined,
    });
  }
}
