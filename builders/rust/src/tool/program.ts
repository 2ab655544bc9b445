import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { findBuiltProgram } from '@svc/builder-kit';
import type { Result } from '@svc/contracts';
import { type BuildInput, OUTPUT_FILE } from '../input.ts';

/**
 * The program that the service's own build command has made: what it wrote to `$VERCEL_OUTPUT_FILE`; what cargo left in
 * `target/release`, also below a target's name; else the only new executable in a usual place. An absolute path.
 */
export async function builtProgram(input: BuildInput, root: string): Promise<Result<string>> {
  return findBuiltProgram(root, {
    outputFile: OUTPUT_FILE,
    usual: await cargosPlaces(input, root),
    known: input.known,
    searched: 'target/release, the root, bin, build, dist, out or output',
    example: 'cargo build --release && cp target/release/api "$VERCEL_OUTPUT_FILE"',
  });
}

async function cargosPlaces({ names, workspace }: BuildInput, root: string): Promise<string[]> {
  const target = posix.join(workspace, 'target');
  const inTarget = (await readdir(join(root, target)).catch(() => [])).sort();
  const folders = ['release', ...inTarget.map(name => `${name}/release`)];
  return folders.flatMap(folder => names.map(name => posix.join(target, folder, name)));
}
