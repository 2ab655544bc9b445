import type { FileEntry } from '@svc/contracts';
import { Header } from 'tar/header';
import { Pax } from 'tar/pax';

export const BLOCK = 512;
/** The end of an archive: two blocks of zeros. */
export const END = Buffer.alloc(2 * BLOCK);
/** What a plain header's size field can say. */
export const LARGEST_FILE = 0o77777777777;

/**
 * The only header that svc writes for an entry, preceded by an extended header where a name does not fit: no owner,
 * one time for all, modes 644, 755 and (for links) 777. Readers compare bytes with it.
 */
export function headerFor(path: string, entry: FileEntry, mtime: Date): Buffer {
  const isLink = 'link' in entry;
  const header = new Header({
    ...ANONYMOUS,
    path,
    mode: isLink ? 0o777 : entry.executable ? 0o755 : 0o644,
    size: isLink ? 0 : entry.size,
    mtime,
    type: isLink ? 'SymbolicLink' : 'File',
    linkpath: isLink ? entry.link : '',
  });
  const block = Buffer.alloc(BLOCK);
  if (!header.encode(block)) return block;
  const body = Buffer.from(new Pax({ path, ...(isLink ? { linkpath: entry.link } : {}) }).encodeBody());
  const extended = Buffer.alloc(BLOCK);
  new Header({
    ...ANONYMOUS,
    path: 'PaxHeader',
    mode: 0o644,
    size: body.length,
    mtime,
    type: 'ExtendedHeader',
    linkpath: '',
  }).encode(extended);
  return Buffer.concat([extended, body, padding(body.length), block]);
}

const ANONYMOUS = { uid: 0, gid: 0, uname: '', gname: '', devmaj: 0, devmin: 0 };

/** Zeros up to the next full block. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
