import { stat } from 'node:fs/promises';
import { type DeploymentManifest, failed, ok, type Result } from '@svc/contracts';
import { compareBytes } from './bytes.ts';
import { type Difference, firstStructuralDifference } from './difference.ts';
import { type FileItem, hashFiles } from './digest.ts';
import { Pace } from './pace.ts';
import { archiveNotFound, readDeployment } from './read.ts';
import { refusable, shown } from './refusal.ts';
import { type Entry, scanTree } from './scan.ts';

export interface Verified {
  readonly id: string;
  /** How many files and links were compared, the manifest not counted. */
  readonly files: number;
}

/** How many files are hashed before their digests are compared: differences are found early, in order. */
const SLICE = 256;

/** See `verifyDeployment`. */
export async function verify(path: string): Promise<Result<Verified>> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) return failed(archiveNotFound(path));
  if (stats.isDirectory()) return verifyDirectory(path);
  return refusable(async () => {
    const { DEFAULT_LIMITS, readArchive } = await import('./archive.ts');
    // Nothing is written, so there is no limit to what may be read.
    return ok(summary(await readArchive(path, { ...DEFAULT_LIMITS, maxBytes: Number.POSITIVE_INFINITY })));
  });
}

async function verifyDirectory(directory: string): Promise<Result<Verified>> {
  const deployment = await readDeployment(directory);
  if (!deployment.ok) return deployment;
  const { manifest } = deployment.value;
  const pace = new Pace();
  const entries = await scanTree(directory, { normalise: false, pace });
  const structural = firstStructuralDifference(manifest, entries);
  const difference = (await contentDifference(directory, manifest, entries, structural, pace)) ?? structural;
  if (!difference) return ok(summary(manifest));
  return failed({
    code: 'deployment-differs',
    message: `${shown(difference.path)} ${difference.what}`,
    help: 'Build or unpack the deployment again to get one that is whole.',
  });
}

/** Looks only at files before the first difference that shows without reading. */
async function contentDifference(
  directory: string,
  manifest: DeploymentManifest,
  entries: readonly Entry[],
  until: Difference | undefined,
  pace: Pace,
): Promise<Difference | undefined> {
  const listed = new Map(Object.entries(manifest.files));
  const files = entries.filter(
    (entry): entry is FileItem =>
      entry.kind === 'file' && listed.has(entry.path) && (!until || compareBytes(entry.path, until.path) < 0),
  );
  for (let start = 0; start < files.length; start += SLICE) {
    const slice = files.slice(start, start + SLICE);
    const digests = await hashFiles(directory, slice, pace);
    const changed = slice.find(({ path }) => {
      const entry = listed.get(path);
      return entry === undefined || !('sha256' in entry) || entry.sha256 !== digests.get(path);
    });
    if (changed) return { path: changed.path, what: 'was changed: its content differs' };
  }
  return undefined;
}

function summary(manifest: DeploymentManifest): Verified {
  return { id: manifest.id, files: Object.keys(manifest.files).length };
}
