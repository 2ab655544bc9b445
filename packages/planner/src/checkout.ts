import { readFileSync, statSync } from 'node:fs';
import { join as joinAbsolute } from 'node:path';
import { dirname } from 'node:path/posix';
import type { JsonObject } from '@svc/contracts';
import type { Sources } from '@svc/sources';
import { join } from './paths.ts';

/** The project's files for reading, each read once a run. Paths are relative to the boundary. */
export class Checkout {
  readonly boundary: string;
  readonly sources: Sources;
  readonly #folders = new Map<string, Promise<ReadonlySet<string>>>();
  readonly #reads: Set<string> | undefined;
  readonly #texts = new Map<string, { readonly text: string | undefined }>();

  /** @param reads gets the path of every file whose content, or absence, the plan may follow from. */
  constructor(sources: Sources, reads?: Set<string>) {
    this.boundary = sources.boundary;
    this.sources = sources;
    this.#reads = reads;
  }

  absolute(path: string): string {
    return joinAbsolute(this.boundary, path);
  }

  /** The file's text; `undefined` when there is no such file. */
  async read(path: string): Promise<string | undefined> {
    let known = this.#texts.get(path);
    if (!known) {
      this.#reads?.add(path);
      known = { text: this.bytes(path)?.toString('utf8') };
      this.#texts.set(path, known);
    }
    return known.text;
  }

  /**
   * The file's bytes, not remembered; `undefined` when there is no such file. Synchronous, because reading thousands of
   * small files that way takes a fifth of the time.
   */
  bytes(path: string): Buffer | undefined {
    try {
      return readFileSync(this.absolute(path));
    } catch (error) {
      return undefinedIfNoFile(error);
    }
  }

  /** Whether that is one of the input files. */
  async has(path: string): Promise<boolean> {
    const folder = dirname(path);
    let files = this.#folders.get(folder);
    if (!files) {
      files = this.sources.filesDirectlyIn(folder).then(found => new Set(found));
      this.#folders.set(folder, files);
    }
    return (await files).has(path);
  }

  /** What is on disk, whether or not it is an input. Links are followed. */
  async kindOf(path: string): Promise<'file' | 'directory' | undefined> {
    try {
      return statSync(this.absolute(path)).isDirectory() ? 'directory' : 'file';
    } catch {
      return undefined;
    }
  }

  /** A folder's `package.json`, or `undefined` when it has none or it is no JSON object: the package manager will say so. */
  async packageJson(folder: string): Promise<JsonObject | undefined> {
    const text = await this.read(join(folder, 'package.json'));
    if (text === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
      return isObject(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NOT_A_FILE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP']);

function undefinedIfNoFile(error: unknown): undefined {
  if (!NOT_A_FILE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
