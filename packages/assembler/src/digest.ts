import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileEntry } from '@svc/contracts';
import { sortedByBytes } from './bytes.ts';
import type { Pace } from './pace.ts';
import { type Entry, isExecutable } from './scan.ts';

/** Files up to this size are read in one go, synchronously; larger ones are streamed. */
const SMALL = 256 * 1024;
/** How many large files are read at once: enough to keep a disk busy while another one is being hashed. */
const STREAMS = 4;

/** A file that became a link since it was listed is an error, not another file's content. */
const NO_LINKS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** Characters of records that are hashed at a time. */
const BATCH = 64 * 1024;

const buffer = Buffer.allocUnsafe(SMALL + 1);

export type FileItem = Extract<Entry, { kind: 'file' }>;

/** Lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * The sha256 of each file, by path, each read once. `seen` is shown the whole content of every small file, in a buffer
 * that is only valid during the call.
 */
export async function hashFiles(
  root: string,
  files: readonly FileItem[],
  pace: Pace,
  seen?: (path: string, content: Buffer) => void,
): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  const large: FileItem[] = [];
  for (const file of files) {
    if (pace.due()) await pace.rest();
    const content = file.size <= SMALL ? readSmall(join(root, file.path)) : undefined;
    if (content === undefined) {
      large.push(file);
      continue;
    }
    seen?.(file.path, content);
    digests.set(file.path, sha256(content));
  }
  const next = large.values();
  const worker = async () => {
    for (const file of next) digests.set(file.path, await hashStream(join(root, file.path)));
  };
  await Promise.all(Array.from({ length: Math.min(STREAMS, large.length) }, worker));
  return digests;
}

/** `undefined` when the file turns out to be larger than it was when the tree was listed. */
function readSmall(path: string): Buffer | undefined {
  const descriptor = openSync(path, NO_LINKS);
  try {
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null);
      if (read === 0) return buffer.subarray(0, length);
      length += read;
    }
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

async function hashStream(path: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, NO_LINKS);
  for await (const chunk of handle.createReadStream({ highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** What the manifest says of a file or link. */
export function fileEntry(entry: Entry, digests: ReadonlyMap<string, string>): FileEntry | undefined {
  switch (entry.kind) {
    case 'link':
      return { link: entry.target };
    case 'file': {
      const sha = digests.get(entry.path);
      if (sha === undefined) throw new Error(`${entry.path} was not hashed`);
      return {
        sha256: sha,
        size: entry.size,
        ...(isExecutable(entry.mode) ? { executable: true as const } : {}),
      };
    }
    default:
      return undefined;
  }
}

/**
 * The digest of a tree: sha256 over one record a path, in the order of the paths' bytes. A record is
 * `kind NUL path NUL value NUL`, where kind is `file`, `exec` or `link` and value the file's sha256 in hex or the
 * link's target. No part can hold a NUL, so no two trees share a list of records.
 */
export function treeDigest(files: Readonly<Record<string, FileEntry>>): string {
  const hash = createHash('sha256');
  let records = '';
  for (const path of sortedByBytes(Object.keys(files))) {
    const entry = files[path];
    if (!entry) continue;
    records += treeRecord(path, entry);
    // Handing over each by itself takes longer than hashing it.
    if (records.length < BATCH) continue;
    hash.update(records);
    records = '';
  }
  hash.update(records);
  return `sha256:${hash.digest('hex')}`;
}

function treeRecord(path: string, entry: FileEntry): string {
  if ('link' in entry) return `link\0${path}\0${entry.link}\0`;
  return `${entry.executable ? 'exec' : 'file'}\0${path}\0${entry.sha256}\0`;
}

/** The id follows from the tree alone: `dpl_` and the first 32 hex digits of sha256 of the words `deployment` and the tree digest. */
export function deploymentId(tree: string): string {
  return `dpl_${sha256(`deployment\0${tree}\0`).slice(0, 32)}`;
}
