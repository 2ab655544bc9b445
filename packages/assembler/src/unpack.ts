import {
  chmodSync,
  closeSync,
  fchmodSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type Deployment,
  type DeploymentManifest,
  type Failure,
  failed,
  ok,
  type Result,
} from '@svc/contracts';
import { type ArchiveLimits, type ArchiveSink, DEFAULT_LIMITS, readArchive } from './archive.ts';
import { MANIFEST_FILE } from './manifest-file.ts';
import { makeFolder, removeTree } from './place.ts';
import { archiveNotFound } from './read.ts';
import { refusable } from './refusal.ts';
import { EXECUTABLE_MODE, FILE_MODE } from './scan.ts';
import { newSiblings } from './siblings.ts';
import { isErrno, writing } from './writing.ts';

export interface UnpackRequest {
  /** Path of the archive. */
  readonly file: string;
  /** Folder to make; it may exist if it is empty. */
  readonly to: string;
  readonly limits?: Partial<ArchiveLimits>;
}

/** See `unpackArchive`. */
export async function unpack(request: UnpackRequest): Promise<Result<Deployment>> {
  const to = resolve(request.to);
  const occupied = occupation(to);
  if (occupied) return failed(occupied);
  if (!(await stat(request.file).catch(() => undefined))?.isFile())
    return failed(archiveNotFound(request.file));
  const { fresh } = newSiblings(to);
  const limits = { ...DEFAULT_LIMITS, ...request.limits };
  return writing(to, async () => {
    const made = await mkdir(dirname(to), { recursive: true });
    const result = await refusable(async () => {
      try {
        const manifest = await extract(request.file, limits, fresh);
        moveInto(fresh, to);
        return ok({ directory: to, manifest });
      } finally {
        await removeTree(fresh);
      }
    });
    if (!result.ok && made) await removeEmptyFolders(dirname(to), made);
    return result;
  });
}

/**
 * Files are created new, below folders created new, and links only when every file is in place: so no write can go
 * through a link, whatever the archive says.
 */
async function extract(file: string, limits: ArchiveLimits, directory: string): Promise<DeploymentManifest> {
  makeFolder(directory);
  const folders = new Set(['.']);
  const folderOf = (path: string) => {
    const folder = dirname(path);
    if (folders.has(folder)) return;
    folderOf(folder);
    makeFolder(join(directory, folder));
    folders.add(folder);
  };
  const sink: ArchiveSink = {
    manifest(_, content) {
      const write = fileWriter(join(directory, MANIFEST_FILE), FILE_MODE);
      write(content);
      write(undefined);
    },
    file(path, entry) {
      folderOf(path);
      return fileWriter(join(directory, path), entry.executable ? EXECUTABLE_MODE : FILE_MODE);
    },
  };
  const manifest = await readArchive(file, limits, sink);
  for (const [path, entry] of Object.entries(manifest.files)) {
    if (!('link' in entry)) continue;
    folderOf(path);
    symlinkSync(entry.link, join(directory, path));
  }
  return manifest;
}

function fileWriter(path: string, mode: number): (chunk: Buffer | undefined) => void {
  const descriptor = openSync(path, 'wx', mode);
  return chunk => {
    if (chunk === undefined) {
      fchmodSync(descriptor, mode);
      closeSync(descriptor);
      return;
    }
    for (let written = 0; written < chunk.length; ) written += writeSync(descriptor, chunk, written);
  };
}

function moveInto(fresh: string, to: string): void {
  try {
    rmdirSync(to);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  renameSync(fresh, to);
  chmodSync(to, 0o755);
}

async function removeEmptyFolders(from: string, upTo: string): Promise<void> {
  for (let folder = from; folder.startsWith(upTo); folder = dirname(folder)) await rmdir(folder);
}

function occupation(to: string): Failure | undefined {
  try {
    if (readdirSync(to).length === 0) return undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    if (!isErrno(error, 'ENOTDIR')) throw error;
  }
  return {
    code: 'output-conflict',
    message: `cannot unpack into ${to}: it is there already and is not an empty folder`,
    help: 'Name a folder that does not exist yet.',
  };
}
