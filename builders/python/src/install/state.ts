import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { STATE_FILE } from '../input.ts';

/** What is installed in the work folder. */
export interface State {
  readonly interpreter: { readonly executable: string; readonly version: string; readonly minor: string };
  /** Digest of everything that the packages follow from; null when they must be installed again every time. */
  readonly packages: string | null;
  readonly server: string;
}

export async function readState(root: string): Promise<State | undefined> {
  try {
    return JSON.parse(await readFile(join(root, STATE_FILE), 'utf8')) as State;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeState(root: string, state: State): Promise<void> {
  await mkdir(dirname(join(root, STATE_FILE)), { recursive: true });
  await writeFile(join(root, STATE_FILE), `${JSON.stringify(state, null, 2)}\n`);
}

export function digestOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('hex');
}
