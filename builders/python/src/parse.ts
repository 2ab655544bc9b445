import { parseToml, type TomlTable } from '@svc/builder-kit';
import type { Result } from '@svc/contracts';

/** Parses a manifest or a lockfile. @param shown its path as the user would type it from the project's folder. */
export function parseManifest(text: string, shown: string): Result<TomlTable> {
  return parseToml(text, shown, { code: 'install-failed' });
}
