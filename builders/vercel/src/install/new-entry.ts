import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NEW_LOCK_ENTRY } from '../input.ts';
import type { LockEntry } from './project-lock.ts';

/** What the install step has looked up for this build, if it had to. */
export async function readNewEntry(output: string): Promise<LockEntry | undefined> {
  try {
    return JSON.parse(await readFile(join(output, NEW_LOCK_ENTRY), 'utf8')) as LockEntry;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
