import { type Reading, readJson } from './json.ts';

export type { Reading } from './json.ts';
export { CONFIG_FILES, type ConfigFile } from './names.ts';

/** What a configuration written as a program needs to run. */
export interface ScriptContext {
  /** Absolute path of the project's folder. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads a configuration file by its format. Formats other than JSON load their parsers only now. */
export async function readDocument(file: string, text: string, context: ScriptContext): Promise<Reading> {
  const extension = file.slice(file.lastIndexOf('.') + 1);
  if (extension === 'json') return readJson(file, text, { comments: false });
  if (extension === 'jsonc') return readJson(file, text, { comments: true });
  if (extension === 'toml') return (await import('./toml.ts')).readToml(file, text);
  return (await import('./script.ts')).readScript(file, text, context);
}
