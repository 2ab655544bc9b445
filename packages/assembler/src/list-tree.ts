import type { FileEntry } from '@svc/contracts';
import { fileEntry, hashFiles } from './digest.ts';
import { Pace } from './pace.ts';
import { scanTree } from './scan.ts';

/**
 * Every file and link of a finished tree that is not part of a deployment yet, as a deployment's manifest lists them. Modes
 * become those that they would have there.
 */
export async function listTree(directory: string): Promise<Record<string, FileEntry>> {
  const pace = new Pace();
  const entries = await scanTree(directory, { normalise: true, pace });
  const digests = await hashFiles(
    directory,
    entries.filter(entry => entry.kind === 'file'),
    pace,
  );
  return Object.fromEntries(
    entries.flatMap(entry => {
      const listed = fileEntry(entry, digests);
      return listed ? [[entry.path, listed] as const] : [];
    }),
  );
}
