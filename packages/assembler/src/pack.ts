import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type DeploymentManifest, type FileEntry, ok, type Result, unsafeEntry } from '@svc/contracts';
import { compareBytes } from './bytes.ts';
import { type ArchiveFormat, compressed } from './compression.ts';
import { firstStructuralDifference } from './difference.ts';
import { sha256 } from './digest.ts';
import { formatManifest } from './manifest.ts';
import { MANIFEST_FILE } from './manifest-file.ts';
import { Pace } from './pace.ts';
import { readDeployment } from './read.ts';
import { refusable, refuse, shown } from './refusal.ts';
import { scanTree } from './scan.ts';
import { sealOf } from './seal.ts';
import { newSiblings } from './siblings.ts';
import { END, headerFor, LARGEST_FILE, padding } from './tar-format.ts';
import { realTarget } from './target.ts';
import { writing } from './writing.ts';

export interface PackRequest {
  /** Folder of the deployment. */
  readonly directory: string;
  /** Path of the archive to write; one that is there is replaced. */
  readonly file: string;
  readonly format: ArchiveFormat;
  /** Seconds since 1970 for every entry; from SOURCE_DATE_EPOCH when absent, else 0. */
  readonly time?: number;
}

export interface Packed {
  /** Absolute path of the archive. */
  readonly file: string;
  readonly id: string;
  /** How many files and links it holds, its manifest not counted. */
  readonly files: number;
  /** Bytes of the archive. */
  readonly size: number;
}

/** Small enough to be read in one go rather than streamed. */
const SMALL = 256 * 1024;
/** What is handed to the compressor at once: single blocks would cost a round trip each. */
const BATCH = 256 * 1024;

/** See `packDeployment`. */
export async function pack(request: PackRequest): Promise<Result<Packed>> {
  const deployment = await readDeployment(request.directory);
  if (!deployment.ok) return deployment;
  const { directory, manifest } = deployment.value;
  const file = resolve(request.file);
  return refusable(() =>
    writing(file, async () => {
      await checkPackable(directory, manifest, file);
      await mkdir(dirname(file), { recursive: true });
      const { fresh } = newSiblings(file);
      try {
        const size = await writeArchive(directory, manifest, fresh, request);
        await rename(fresh, file);
        return ok({ file, id: manifest.id, files: Object.keys(manifest.files).length, size });
      } finally {
        await rm(fresh, { force: true });
      }
    }),
  );
}

async function checkPackable(directory: string, manifest: DeploymentManifest, file: string): Promise<void> {
  const inside = relative(realTarget(directory), realTarget(file));
  if (inside !== '..' && !inside.startsWith(`..${sep}`)) {
    refuse(
      'output-conflict',
      `the archive cannot be ${file}: it would become part of the deployment`,
      'Write it beside the deployment.',
    );
  }
  const entries = await scanTree(directory, { normalise: false, pace: new Pace() });
  const difference = firstStructuralDifference(manifest, entries);
  if (difference) refuse('deployment-differs', `${shown(difference.path)} ${difference.what}`);
  const unsafe = unsafeEntry(manifest.files, MANIFEST_FILE);
  if (unsafe) {
    refuse(
      'output-conflict',
      `${shown(unsafe.path)} cannot be packed: ${unsafe.problem}`,
      'An archive must unpack on every machine: rename the file in the service that makes it.',
    );
  }
  const large = Object.entries(manifest.files).find(
    ([, entry]) => 'size' in entry && entry.size > LARGEST_FILE,
  );
  if (large) refuse('archive-unsupported', `${shown(large[0])} cannot be packed: it is larger than 8 GiB`);
}

/** Returns the size of the archive in bytes. */
async function writeArchive(
  directory: string,
  manifest: DeploymentManifest,
  to: string,
  { format, time }: PackRequest,
): Promise<number> {
  const mtime = new Date((time ?? sourceDateEpoch()) * 1000);
  const chunks = compressed(batched(archiveOf(directory, manifest, mtime)), format);
  const hash = createHash('sha256');
  const handle = await open(to, 'wx', 0o644);
  try {
    let size = 0;
    for await (const chunk of chunks) {
      if (size === 0 && format === 'tgz') anonymise(chunk);
      hash.update(chunk);
      await handle.appendFile(chunk);
      size += chunk.length;
    }
    const seal = sealOf(format, hash.digest());
    await handle.appendFile(seal);
    await handle.chmod(0o644);
    return size + seal.length;
  } finally {
    await handle.close();
  }
}

/** zlib names the system in the ninth byte of a gzip header; 255 stands for "unknown". */
function anonymise(start: Buffer): void {
  if (start.length < 10) throw new Error('a gzip header in pieces');
  start[8] = 0;
  start[9] = 255;
}

async function* archiveOf(
  directory: string,
  manifest: DeploymentManifest,
  mtime: Date,
): AsyncGenerator<Buffer> {
  const text = Buffer.from(formatManifest(manifest));
  yield headerFor(MANIFEST_FILE, { sha256: '', size: text.length }, mtime);
  yield text;
  yield padding(text.length);
  for (const [path, entry] of Object.entries(manifest.files).sort(([a], [b]) => compareBytes(a, b))) {
    yield headerFor(path, entry, mtime);
    if ('link' in entry) continue;
    yield* contentOf(join(directory, path), path, entry);
    yield padding(entry.size);
  }
  yield END;
}

/** A file that is not what the manifest says must not get into an archive that says the same. */
async function* contentOf(
  at: string,
  path: string,
  entry: Extract<FileEntry, { sha256: string }>,
): AsyncGenerator<Buffer> {
  let digest: string;
  if (entry.size <= SMALL) {
    const content = readFileSync(at);
    digest = sha256(content);
    yield content;
  } else {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(at, { highWaterMark: BATCH }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
    digest = hash.digest('hex');
  }
  if (digest !== entry.sha256)
    refuse('deployment-differs', `${shown(path)} was changed: its content differs`);
}

async function* batched(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let batch: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    batch.push(chunk);
    size += chunk.length;
    if (size < BATCH) continue;
    yield Buffer.concat(batch);
    batch = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(batch);
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function sourceDateEpoch(): number {
  const epoch = process.env.SOURCE_DATE_EPOCH ?? '';
  return /^\d{1,10}$/.test(epoch) ? Number(epoch) : 0;
}
