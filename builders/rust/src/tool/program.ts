import { open, readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { type BuildInput, OUTPUT_FILE, PROGRAM_FOLDERS } from '../input.ts';

/** How executables of Linux, macOS (both byte orders, and for several processors) begin. */
const MAGIC = ['7f454c46', 'cffaedfe', 'cefaedfe', 'cafebabe'];

/**
 * The program that the service's own build command has made: what it wrote to `$VERCEL_OUTPUT_FILE`; what cargo left in
 * `target/release`, also below a target's name; else the only new executable in a usual place. An absolute path.
 */
export async function builtProgram(input: BuildInput, root: string): Promise<Result<string>> {
  if (await isProgram(join(root, OUTPUT_FILE), false)) return ok(join(root, OUTPUT_FILE));
  for (const candidates of [await cargosPrograms(input, root), await newPrograms(input, root)]) {
    const [only, ...others] = candidates;
    if (only === undefined) continue;
    return others.length === 0 ? ok(join(root, only)) : failed(notOne(candidates));
  }
  return failed(notOne([]));
}

async function cargosPrograms({ names, workspace }: BuildInput, root: string): Promise<string[]> {
  const target = posix.join(workspace, 'target');
  const folders = ['release', ...(await namesIn(join(root, target))).map(name => `${name}/release`)];
  const paths = folders.flatMap(folder => names.map(name => posix.join(target, folder, name)));
  return programsAmong(root, paths);
}

async function newPrograms({ known }: BuildInput, root: string): Promise<string[]> {
  const inFolders = await Promise.all(
    PROGRAM_FOLDERS.map(async folder =>
      (await namesIn(join(root, folder))).map(name => posix.join(folder, name)),
    ),
  );
  return programsAmong(
    root,
    inFolders.flat().filter(path => !known.includes(path)),
  );
}

async function programsAmong(root: string, paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(path => isProgram(join(root, path), true)));
  return paths.filter((_, index) => found[index]);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

function notOne(made: readonly string[]): Failure {
  return {
    code: 'entrypoint-not-built',
    message:
      made.length === 0
        ? 'the build command has left no program in target/release, the root, bin, build, dist, out or output'
        : `the build command has left several programs: ${made.join(', ')}`,
    help: 'Have it write the one that serves requests to the file that VERCEL_OUTPUT_FILE names:\n  cargo build --release && cp target/release/api "$VERCEL_OUTPUT_FILE"',
  };
}

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
