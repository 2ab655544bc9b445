import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Path -> content (or `-> target`) of everything below a folder. */
export function readTree(folder: string): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) tree[relative(folder, path)] = readFileSync(path, 'latin1');
    if (entry.isSymbolicLink()) tree[relative(folder, path)] = `-> ${readlinkSync(path)}`;
  }
  return tree;
}
