import { parseToml, type TomlTable } from '@svc/builder-kit';
import type { Result } from '@svc/contracts';

/** Parses a TOML file that cargo reads. @param shown its path as the user would type it from the project's folder. */
export function parseCargoToml(text: string, shown: string): Result<TomlTable> {
  const help = 'Put that line right; `cargo metadata` checks the file.';
  return parseToml(text, shown, { code: 'entrypoint-invalid', help });
}
