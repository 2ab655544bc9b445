import { readdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { listed } from './checks/words.ts';
import { isFileSystemError } from './files.ts';
import { CONFIG_FILES, type ConfigFile } from './formats/index.ts';

export interface ProjectLocation {
  /** Absolute path. */
  readonly directory: string;
  /** Absent when no configuration was found: the folder is then one app. */
  readonly configFile?: ConfigFile;
}

/**
 * The nearest folder from `startDirectory` upward with a configuration file; the start folder itself when there is none.
 * Fails with `config-not-found` when the start folder cannot be read, and as `configFileIn` does.
 */
export async function findProject(startDirectory: string): Promise<Result<ProjectLocation>> {
  const start = resolve(startDirectory);
  if (!(await namesIn(start))) return failed(noFolder(start));
  for (let directory = start; ; directory = dirname(directory)) {
    // Folders above may be closed to us; the search goes on past them.
    const found = chosen((await namesIn(directory)) ?? new Set());
    if (!found.ok) return found;
    if (found.value) return ok({ directory, configFile: found.value });
    if (dirname(directory) === directory) return ok({ directory: start });
  }
}

/** The configuration file of one folder, if it has one: two at once, or an old `now.json` alone, are failures. */
export async function configFileIn(directory: string): Promise<Result<ConfigFile | undefined>> {
  const names = await namesIn(directory);
  return names ? chosen(names) : failed(noFolder(directory));
}

function chosen(names: ReadonlySet<string>): Result<ConfigFile | undefined> {
  const found = CONFIG_FILES.filter(name => names.has(name));
  if (found.length > 1) return failed(conflict(found));
  if (found.length === 0 && names.has('now.json')) return failed(oldName());
  return ok(found[0]);
}

/** Two files of which only one may be there. The position is in the one that would lose. */
export function conflict(files: readonly string[]): Failure {
  return {
    code: 'config-conflict',
    message: `There are ${files.length} configuration files: ${listed(files)}`,
    help: `Keep one of them and remove the ${files.length === 2 ? 'other' : 'others'}.`,
    position: { file: files[1] ?? '', line: 1, column: 1 },
  };
}

function oldName(): Failure {
  return {
    code: 'config-not-found',
    message: 'now.json is the old name of the configuration file and is not read',
    help: 'Rename it to vercel.json.',
    position: { file: 'now.json', line: 1, column: 1 },
  };
}

function noFolder(directory: string): Failure {
  return {
    code: 'config-not-found',
    message: `There is no folder ${directory}, or it cannot be read`,
    help: 'Check the path.',
  };
}

async function namesIn(directory: string): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set(await readdir(directory));
  } catch (error) {
    if (isFileSystemError(error)) return undefined;
    throw error;
  }
}
