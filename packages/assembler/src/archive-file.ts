import type { Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { ArchiveFormat } from './compression.ts';
import { refuse } from './refusal.ts';
import { digestIn, formatOf, sealLength } from './seal.ts';
import { isErrno } from './writing.ts';

/** Opens an archive for reading; one that may not be read is refused. */
export async function openArchive(file: string): Promise<FileHandle> {
  try {
    return await open(file);
  } catch (error) {
    if (isErrno(error, 'EACCES', 'EPERM'))
      refuse('archive-invalid', `${file} cannot be read: permission denied`, undefined);
    throw error;
  }
}

/** What the first and the last bytes say: the format, where the compressed data ends, and the digest that seals it. */
export async function readEnds(handle: FileHandle, file: string) {
  const { size } = await handle.stat();
  const format: ArchiveFormat | undefined = formatOf(await readAt(handle, 0, 4));
  if (!format) {
    refuse(
      'archive-invalid',
      `${file} is not an archive of a deployment: it is neither gzip nor zstd`,
      'Archives of deployments are made by svc pack, as .tgz or .tar.zst.',
    );
  }
  const length = sealLength(format);
  const digest = size > length ? digestIn(format, await readAt(handle, size - length, length)) : undefined;
  if (!digest) {
    refuse(
      'archive-invalid',
      `${file} does not end as svc pack ends an archive: it is cut off, was added to, or was made by another program`,
    );
  }
  return { format, end: size - length, digest };
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** The bytes before the seal, through the hash. */
export async function* hashed(handle: FileHandle, end: number, hash: Hash): AsyncGenerator<Buffer> {
  for (let position = 0; position < end; ) {
    const chunk = await readAt(handle, position, Math.min(256 * 1024, end - position));
    if (chunk.length === 0) return;
    hash.update(chunk);
    position += chunk.length;
    yield chunk;
  }
}
