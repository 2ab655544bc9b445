import { open, readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { type BuildInput, OUTPUT_FILE, PROGRAM_FOLDERS } from '../input.ts';

/** How executables of Linux, macOS (both byte orders, and for several processors) begin. */
const MAGIC = ['7f454c46', 'cffaedfe', 'cefaedfe', 'cafebabe'];

/**
 * The program that the service's own build command has made: what it wrote to `$VERCEL_OUTPUT_FILE`, else the only new
 * executable in a usual place. The value is an absolute path.
 */
export async function builtProgram(input: BuildInput, root: string): Promise<Result<string>> {
  if (await isProgram(join(root, OUTPUT_FILE), false)) return ok(join(root, OUTPUT_FILE));
  const made: string[] = [];
  for (const folder of PROGRAM_FOLDERS) {
    const names = await readdir(join(root, folder)).catch(() => []);
    for (const name of names) {
      const path = posix.join(folder, name);
      if (!input.known.includes(path) && (await isProgram(join(root, path), true))) made.push(path);
    }
  }
  const [only, ...others] = made;
  if (only !== undefined && others.length === 0) return ok(join(root, only));
  return failed(notOne(made));
}

function notOne(made: readonly string[]): Failure {
  return {
    code: 'entrypoint-not-built',
    message:
      made.length === 0
        ? `the build command has left no program in ${PROGRAM_FOLDERS.map(folder => (folder === '.' ? 'the root' : folder)).join(', ')}`
        : `the build command has left several programs: ${made.join(', ')}`,
    help: 'Have it write the one that serves requests to the file that VERCEL_OUTPUT_FILE names:\n  go build -o "$VERCEL_OUTPUT_FILE" ./cmd/api',
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
