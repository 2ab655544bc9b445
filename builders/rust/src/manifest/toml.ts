import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { parse, TomlError } from 'smol-toml';

export type Table = { readonly [key: string]: unknown };

/** Parses a TOML file. @param shown its path as the user would type it from the project's folder. */
export function parseToml(text: string, shown: string): Result<Table> {
  try {
    return ok(parse(text));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return failed(syntaxFailure(text, shown, error));
  }
}

function syntaxFailure(text: string, shown: string, error: TomlError): Failure {
  const lineText = text.split('\n')[error.line - 1] ?? '';
  return {
    code: 'entrypoint-invalid',
    message: `${shown} is not valid TOML: ${error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '')}`,
    help: 'Put that line right; `cargo metadata` checks the file.',
    position: { file: shown, line: error.line, column: error.column, lineText },
  };
}

export function asTable(value: unknown): Table | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return value as Table;
}

/** The table at a path of keys; empty where there is none. */
export function tableAt(table: Table, ...keys: readonly string[]): Table {
  return keys.reduce<Table>((current, key) => asTable(current[key]) ?? {}, table);
}

export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : [];
}

export function tablesIn(value: unknown): Table[] {
  return Array.isArray(value) ? tablesOf(value) : [];
}

/** Those of the values that are tables. */
export function tablesOf(values: readonly unknown[]): Table[] {
  return values.map(asTable).filter(table => table !== undefined);
}
