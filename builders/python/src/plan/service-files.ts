import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';
import { readIfThere } from '@svc/builder-kit';
import type { Position } from '@svc/contracts';

/** Reads a service's input files, and those that tools look for in the folders above it, up to the boundary. */
export class ServiceFiles {
  readonly request: PlanRequest;
  readonly #known: ReadonlySet<string>;

  constructor(request: PlanRequest) {
    this.request = request;
    this.#known = new Set(request.files);
  }

  has(path: string): boolean {
    return this.#known.has(path);
  }

  async read(path: string): Promise<string | undefined> {
    return this.has(path) ? readFile(join(this.request.paths.root, path), 'utf8') : undefined;
  }

  /** The nearest file of that name, in the root or above it: its path relative to the root, and its text. */
  async nearest(name: string): Promise<{ readonly path: string; readonly text: string } | undefined> {
    const own = await this.read(name);
    if (own !== undefined) return { path: name, text: own };
    const { directory, paths } = this.request;
    const depth = directory === '.' ? 0 : directory.split('/').length;
    for (let up = 1; up <= depth; up++) {
      const path = posix.join('../'.repeat(up), name);
      const text = await readIfThere(join(paths.root, path));
      if (text !== undefined) return { path, text };
    }
    return undefined;
  }

  /** A path as the user would type it from the project's folder. */
  shown(path: string): string {
    return posix.join(this.request.service.root, path);
  }

  /** The first place where the text stands, or else the first line. */
  place(path: string, text: string, wanted: string): Position {
    const offset = Math.max(text.indexOf(wanted), 0);
    const before = text.slice(0, offset).split('\n');
    const lineText = text.split('\n')[before.length - 1] ?? '';
    const length = text.includes(wanted) ? { length: wanted.length } : {};
    return {
      file: this.shown(path),
      line: before.length,
      column: (before.at(-1) ?? '').length + 1,
      ...length,
      lineText,
    };
  }
}
