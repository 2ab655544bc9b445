import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';

/** The variables of an env file; undefined when there is none, or it cannot be read. @param file absolute path. */
export async function readEnvFile(file: string): Promise<Record<string, string> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall) return undefined;
    throw error;
  }
  const entries = Object.entries(parseEnv(text)).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
