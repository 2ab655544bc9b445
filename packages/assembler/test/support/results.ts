import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure, Result } from '@svc/contracts';

export function valueIn<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`expected success, got ${JSON.stringify(result.failures, null, 2)}`);
}

export function failuresIn<T>(result: Result<T>): readonly Failure[] {
  if (!result.ok) return result.failures;
  throw new Error(`expected failures, got ${JSON.stringify(result.value)}`);
}

/** All files and links below a folder, sorted, links with their targets. */
export function treeOf(root: string, prefix = ''): string[] {
  return readdirSync(join(root, prefix), { withFileTypes: true })
    .flatMap(dirent => {
      const path = prefix + dirent.name;
      if (dirent.isDirectory()) return treeOf(root, `${path}/`);
      return [dirent.isSymbolicLink() ? `${path} -> ${readlinkSync(join(root, path))}` : path];
    })
    .sort();
}
