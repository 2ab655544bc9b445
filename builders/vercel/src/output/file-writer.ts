import { constants, createWriteStream } from 'node:fs';
import { chmod, copyFile, link, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { File } from './shapes.ts';

/**
 * Writes files into the output. A file of the disk that several functions hold is copied once and then linked, because the
 * functions of one service share most of what they hold.
 */
export class FileWriter {
  readonly #copies = new Map<string, Promise<string>>();

  async write(file: File, to: string): Promise<void> {
    await mkdir(dirname(to), { recursive: true });
    switch (file.type) {
      case 'FileBlob':
        await writeFile(to, file.data);
        return chmod(to, modeOf(file.mode));
      case 'FileRef':
        await pipeline((await file.toStreamAsync?.()) ?? file.toStream(), createWriteStream(to));
        return chmod(to, modeOf(file.mode));
      case 'FileFsRef':
        return this.copy(file.fsPath, to);
    }
  }

  /** Copies a file of the disk, whatever a link at its path leads to. */
  async copy(from: string, to: string): Promise<void> {
    const first = this.#copies.get(from);
    if (first === undefined) {
      const copying = copyFresh(from, to);
      this.#copies.set(from, copying);
      await copying;
      return;
    }
    try {
      await link(await first, to);
    } catch (error) {
      // Too many names for one file, or a file system without second names.
      if (!['EMLINK', 'EPERM', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await copyFresh(from, to);
    }
  }
}

async function copyFresh(from: string, to: string): Promise<string> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, modeOf((await stat(to)).mode));
  return to;
}

function modeOf(mode = 0o644): number {
  return mode & 0o111 ? 0o755 : 0o644;
}
