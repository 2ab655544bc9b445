import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { FunctionOutputConfig } from '@svc/contracts';
import picomatch from 'picomatch';

export interface FunctionFile {
  /** Absolute path of a file to copy. */
  readonly from?: string;
  /** What to write instead of copying. */
  readonly content?: string | Uint8Array;
  /** 755 instead of 644; a copied file that is executable stays so. */
  readonly executable?: boolean;
}

/**
 * Writes one function: `functions/<name>.func` with its files and its `.vc-config.json`. What was there is removed. The
 * folder is all that the function will have when it runs, so everything it reads has to be among its files.
 *
 * @param output the service's output tree (`context.output` of a tool, `request.output` of `finish`).
 * @param files by their POSIX paths in the function's folder.
 * @returns absolute path of the function's folder.
 */
export async function writeFunction(
  output: string,
  name: string,
  config: FunctionOutputConfig,
  files: Readonly<Record<string, FunctionFile>>,
): Promise<string> {
  const folder = functionFolder(output, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [path, file] of Object.entries(files)) await place(join(folder, path), file);
  await writeFunctionConfig(output, name, config);
  return folder;
}

/** Absolute path of a function's folder in a service's output tree. */
export function functionFolder(output: string, name: string): string {
  return join(output, 'functions', `${name}.func`);
}

/** Writes a function's `.vc-config.json`; its folder is there already. */
export async function writeFunctionConfig(
  output: string,
  name: string,
  config: FunctionOutputConfig,
): Promise<void> {
  const file = join(functionFolder(output, name), '.vc-config.json');
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`);
}

const SKIPPED: readonly string[] = ['.git', '.svc', '.vercel', 'node_modules'];

/**
 * Copies the files that `includeFiles` of `functions` names, a glob written from the service's root, to the same places in
 * a function. A folder means all that it holds. Without a pattern there is nothing to do.
 *
 * @param skipped names of folders to stay out of, beyond git's, svc's and installed packages.
 */
export async function copyIncluded(
  root: string,
  folder: string,
  pattern: unknown,
  skipped: readonly string[] = [],
): Promise<void> {
  if (typeof pattern !== 'string') return;
  const wanted = pattern.replace(/^\.?\//, '');
  const matches = picomatch([wanted, `${wanted}/**`], { dot: true });
  const walk = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(root, path), { withFileTypes: true })) {
      const inner = posix.join(path, entry.name);
      if (SKIPPED.includes(entry.name) || skipped.includes(entry.name)) continue;
      if (entry.isDirectory()) await walk(inner);
      else if (matches(inner) && (await stat(join(root, inner))).isFile()) {
        await place(join(folder, inner), { from: join(root, inner) });
      }
    }
  };
  await walk('.');
}

async function place(at: string, { from, content, executable }: FunctionFile): Promise<void> {
  await mkdir(dirname(at), { recursive: true });
  if (from === undefined) await writeFile(at, content ?? '');
  else await copyFile(from, at, constants.COPYFILE_FICLONE);
  const isProgram = executable ?? (from !== undefined && ((await stat(from)).mode & 0o100) !== 0);
  await chmod(at, isProgram ? 0o755 : 0o644);
}
