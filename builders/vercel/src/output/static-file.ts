import { extname, join } from 'node:path';
import mime from 'mime-types';
import type { FileWriter } from './file-writer.ts';
import type { File } from './shapes.ts';

export interface Override {
  readonly path?: string;
  readonly contentType?: string;
}

/** The ending that a file's kind asks for, with its dot; empty when nothing tells. */
export function extensionOf(file: File): string {
  const own = file.type === 'FileFsRef' ? extname(file.fsPath) : '';
  if (own !== '' || file.contentType === undefined) return own;
  const extension = mime.extension(file.contentType);
  return extension === false ? '' : `.${extension}`;
}

/**
 * Writes a static file. One whose path lacks the ending of its kind gets it, and an override says under which path it
 * answers: `about` of type HTML is `about.html` with the path `about`.
 *
 * @param folder absolute path of `static/`.
 * @returns the file's path below it, and its override if it needs one.
 */
export async function writeStaticFile(
  writer: FileWriter,
  folder: string,
  name: string,
  file: File,
): Promise<{ readonly path: string; readonly override: Override | undefined }> {
  const extension = extensionOf(file);
  const isRenamed = extension !== '' && extname(name) !== extension;
  const path = isRenamed ? name + extension : name;
  await writer.write(file, join(folder, path));
  const override = {
    ...(isRenamed ? { path: name } : {}),
    ...(file.contentType ? { contentType: file.contentType } : {}),
  };
  return { path, override: Object.keys(override).length > 0 ? override : undefined };
}
