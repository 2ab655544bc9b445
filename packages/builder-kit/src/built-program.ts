import { open, readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import type { PlanRequest } from './builder.ts';

/** Where a build command usually leaves a program, relative to the service's root. */
export const PROGRAM_FOLDERS: readonly string[] = ['.', 'bin', 'build', 'dist', 'out', 'output'];

/**
 * What lies in those folders before the build command runs, so that `findBuiltProgram` can tell what is new.
 *
 * @param extension of the language's sources, such as `.go`: they are no programs.
 */
export function knownPrograms({ files }: PlanRequest, extension: string): string[] {
  return files.filter(file => PROGRAM_FOLDERS.includes(posix.dirname(file)) && !file.endsWith(extension));
}

/** How the program of a service with a build command of its own is found. Paths are relative to the service's root. */
export interface ProgramSearch {
  /** What `VERCEL_OUTPUT_FILE` named for the build command. */
  readonly outputFile: string;
  /** Where the language's own tool leaves programs. */
  readonly usual?: readonly string[];
  /** See `knownPrograms`. */
  readonly known: readonly string[];
  /** All places that are searched, in words. */
  readonly searched: string;
  /** A build command that writes the program where it is expected. */
  readonly example: string;
}

/**
 * The native program that a service's own build command has made: the output file, else the only one among the usual paths, else
 * the only new executable in a usual folder. The value is an absolute path.
 *
 * Failures: `entrypoint-not-built` (there is none, or several).
 */
export async function findBuiltProgram(root: string, search: ProgramSearch): Promise<Result<string>> {
  const { outputFile, usual = [], known } = search;
  if (await isProgram(join(root, outputFile), false)) return ok(join(root, outputFile));
  const fresh = (await pathsInFolders(root)).filter(path => !known.includes(path));
  for (const paths of [usual, fresh]) {
    const made = await programsAmong(root, paths);
    const [only, ...others] = made;
    if (only === undefined) continue;
    return others.length === 0 ? ok(join(root, only)) : failed(notOne(made, search));
  }
  return failed(notOne([], search));
}

function notOne(made: readonly string[], { searched, example }: ProgramSearch): Failure {
  return {
    code: 'entrypoint-not-built',
    message:
      made.length === 0
        ? `the build command has left no program in ${searched}`
        : `the build command has left several programs: ${made.join(', ')}`,
    help: `Have it write the one that serves requests to the file that VERCEL_OUTPUT_FILE names:\n  ${example}`,
  };
}

async function pathsInFolders(root: string): Promise<string[]> {
  const inFolders = await Promise.all(
    PROGRAM_FOLDERS.map(async folder => {
      const names = await readdir(join(root, folder)).catch(() => []);
      return names.sort().map(name => posix.join(folder, name));
    }),
  );
  return inFolders.flat();
}

async function programsAmong(root: string, paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(path => isProgram(join(root, path), true)));
  return paths.filter((_, index) => found[index]);
}

/** How executables of Linux, macOS (both byte orders, and for several processors) begin. */
const MAGIC: readonly string[] = ['7f454c46', 'cffaedfe', 'cefaedfe', 'cafebabe'];

async function isProgram(file: string, mustBeExecutable: boolean): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  if (!stats?.isFile() || (mustBeExecutable && (stats.mode & 0o100) === 0)) return false;
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return MAGIC.includes(buffer.toString('hex'));
  } finally {
    await handle.close();
  }
}
