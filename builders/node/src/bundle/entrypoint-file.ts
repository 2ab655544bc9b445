import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { BUILT_EXTENSIONS, nodeFramework, PLAIN_NAMES } from '../frameworks.ts';
import type { BundleInput } from '../input.ts';
import { edgeSource } from '../plan/edge.ts';
import { declaresEdge } from '../plan/signs.ts';

/**
 * The file to bundle, as an absolute path, now that everything which could make it has run.
 *
 * Failures: `entrypoint-not-built` (names what the build left instead), `output-directory-missing`,
 * `entrypoint-not-found`, `edge-unsupported`.
 */
export function locateEntrypoint(input: BundleInput, root: string, projectPath: string): Result<string> {
  const found = builtEntrypoint(input, root) ?? input.entrypoint;
  if (found === null) return failed(nothingBuilt(input, root));
  const file = join(root, found);
  if (!isFile(file)) return failed(missing(input, found, root));
  const source = readFileSync(file, 'utf8');
  if (declaresEdge(source)) return failed(edgeSource(posix.join(projectPath, found), source));
  return ok(file);
}

function builtEntrypoint(input: BundleInput, root: string): string | undefined {
  const folder = input.outputDirectory;
  if (folder === null) return undefined;
  const names = nodeFramework(input.framework)?.names ?? PLAIN_NAMES;
  return names
    .flatMap(name => BUILT_EXTENSIONS.map(extension => posix.join(folder, `${name}.${extension}`)))
    .find(path => isFile(join(root, path)));
}

function nothingBuilt(input: BundleInput, root: string): Failure {
  const folder = input.outputDirectory ?? '.';
  const left = listFiles(join(root, folder));
  if (left === undefined) {
    return {
      code: 'output-directory-missing',
      message: `the output directory "${folder}" is not there${input.built ? ' after the build' : ''}`,
      help: 'Correct "outputDirectory", or name the file that starts the service in "entrypoint".',
    };
  }
  return {
    code: 'entrypoint-not-found',
    message: `no file in "${folder}" looks like the entrypoint`,
    help: `Looked for app, index, server and main with .js, .mjs or .cjs${leftInstead(left)}. Name the file in "entrypoint".`,
  };
}

function missing(input: BundleInput, entrypoint: string, root: string): Failure {
  if (!input.built) {
    return {
      code: 'entrypoint-not-found',
      message: `the entrypoint ${entrypoint} does not exist`,
      help: 'Correct "entrypoint", or add a "buildCommand" that makes the file.',
    };
  }
  const folder = posix.dirname(entrypoint);
  const left = listFiles(join(root, folder));
  return {
    code: 'entrypoint-not-built',
    message: `the build command succeeded, but it left no ${entrypoint}`,
    help:
      left === undefined
        ? `There is no folder "${folder}". Correct "entrypoint", or the build's output folder.`
        : `In "${folder}" there ${left.length === 0 ? 'is nothing' : `is: ${left.join(', ')}`}. Correct "entrypoint".`,
  };
}

function leftInstead(files: readonly string[]): string {
  return files.length === 0 ? '; the folder is empty' : `; there is: ${files.join(', ')}`;
}

/** Up to twelve files in a folder and below; `undefined` when there is no folder. */
function listFiles(folder: string): string[] | undefined {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map(entry => posix.join(entry.parentPath.slice(folder.length), entry.name).replace(/^\//, ''))
      .sort()
      .slice(0, 12);
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
