import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { parse, TomlError } from 'smol-toml';

export type TomlTable = { readonly [key: string]: unknown };

/**
 * Parses a TOML file, such as a language's manifest.
 *
 * @param shown its path as the user would type it from the project's folder.
 * @param failure what a failure is besides its message and its place.
 */
export function parseToml(
  text: string,
  shown: string,
  failure: Pick<Failure, 'code' | 'help'>,
): Result<TomlTable> {
  try {
    return ok(parse(text));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const lineText = text.split('\n')[error.line - 1] ?? '';
    const why = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '');
    return failed({
      ...failure,
      message: `${shown} is not valid TOML: ${why}`,
      position: { file: shown, line: error.line, column: error.column, lineText },
    });
  }
}

export function asTable(value: unknown): TomlTable | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return value as TomlTable;
}

/** The table at a path of keys; empty where there is none. */
export function tableAt(table: TomlTable, ...keys: readonly string[]): TomlTable {
  return keys.reduce<TomlTable>((current, key) => asTable(current[key]) ?? {}, table);
}

/** Those of a list's values that are tables; none where there is no list. */
export function tablesIn(value: unknown): TomlTable[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map(asTable).filter(table => table !== undefined);
}

/** Those of a list's values that are texts; none where there is no list. */
export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : [];
}
