import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Larger files are known by size and time alone. Bytes. */
const LARGEST_READ = 4 * 1024 * 1024;

/**
 * What changed files held when they were last looked at. One save is often two changes for the system, the emptied file and
 * the written one, and the second may come when the first has been acted on.
 */
export class Contents {
  private readonly known = new Map<string, string>();

  constructor(private readonly boundary: string) {}

  /** Those of these files that hold something else than at the last look; all that are looked at for the first time. */
  async news(paths: readonly string[]): Promise<readonly string[]> {
    const looked = await Promise.all(paths.map(async path => ({ path, mark: await this.markOf(path) })));
    const changed = looked.filter(({ path, mark }) => this.known.get(path) !== mark);
    for (const { path, mark } of changed) this.known.set(path, mark);
    return changed.map(({ path }) => path);
  }

  private async markOf(path: string): Promise<string> {
    const file = join(this.boundary, path);
    try {
      const { size, mtimeMs } = await stat(file);
      if (size > LARGEST_READ) return `${size} ${mtimeMs}`;
      return createHash('sha256')
        .update(await readFile(file))
        .digest('base64');
    } catch (error) {
      // It went away again; that is a change of its own.
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'EACCES') return code;
      throw error;
    }
  }
}
