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
    code: 'install-failed',
    message: `${shown} is not valid TOML: ${error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '')}`,
    position: { file: shown, line: error.line, column: error.column, lineText },
  };
}

/** The table at a path of keys; empty where there is none. */
export function tableAt(table: Table, ...keys: readonly string[]): Table {
  let current: Table = table;
  for (const key of keys) {
    const next = current[key];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return {};
    current = next as Table;
  }
  return current;
}

/** Those of the values that are tables; none where there is no list. */
export function asTables(values: unknown): Table[] {
  const list: readonly unknown[] = Array.isArray(values) ? values : [];
  return list.filter(
    (each): each is Table => typeof each === 'object' && each !== null && !Array.isArray(each),
  );
}

export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : [];
}
