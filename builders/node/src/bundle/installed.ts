import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `@scope/name` or `name` of a bare specifier such as `@scope/name/sub/path`. */
export function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export function isBare(specifier: string): boolean {
  return /^(?:@[^/]+\/)?[^./#@][^/]*/.test(specifier) && !specifier.startsWith('/');
}

/** Real folder of the package that Node would find under this name from a folder; `undefined` when none is installed. */
export function installedPackage(name: string, folder: string, boundary: string): string | undefined {
  for (let each = folder; ; each = dirname(each)) {
    try {
      return realpathSync(join(each, 'node_modules', name));
    } catch {
      if (each === boundary || each === dirname(each)) return undefined;
    }
  }
}
