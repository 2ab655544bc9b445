import { createWriteStream } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Entry, ZipFile } from 'yauzl';
import { bundlePath } from './names.ts';

/** Unpacks the archive that older builders return in place of `files`. Entries that would climb out are refused. */
export async function unzip(archive: Buffer, folder: string): Promise<void> {
  const { default: yauzl } = await import('yauzl');
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    yauzl.fromBuffer(archive, { lazyEntries: true }, (error, file) => (file ? resolve(file) : reject(error)));
  });
  // Links come last: nothing may be written through one.
  const links: [string, string][] = [];
  for await (const entry of entriesOf(zip)) {
    const path = join(folder, bundlePath(entry.fileName));
    const mode = entry.externalFileAttributes >>> 16;
    if (entry.fileName.endsWith('/')) {
      await mkdir(path, { recursive: true });
      continue;
    }
    await mkdir(dirname(path), { recursive: true });
    const content = await open(zip, entry);
    if ((mode & 0o170000) === 0o120000) links.push([path, await text(content)]);
    else await pipeline(content, createWriteStream(path, { mode: mode & 0o111 ? 0o755 : 0o644 }));
  }
  for (const [path, target] of links) await symlink(target, path);
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((resolve, reject) => {
      zip
        .once('entry', resolve)
        .once('end', () => resolve(undefined))
        .once('error', reject);
      zip.readEntry();
    });
    zip.removeAllListeners();
    if (!entry) return;
    yield entry;
  }
}

function open(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (stream ? resolve(stream) : reject(error)));
  });
}
