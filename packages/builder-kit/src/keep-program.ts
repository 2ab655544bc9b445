import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, ok, type Result } from '@svc/contracts';

/**
 * Puts a program of the builder's own to its place in a function, such as one that starts the service's program the way the
 * platform wants. It is kept in the working copy, and compiled again only when its key changes.
 *
 * @param folder absolute path of a folder that the plan names among its `caches`; made here.
 * @param key all that the program follows from: its source, the flags, the compiler's version.
 * @param compile makes the program at an absolute path.
 */
export async function keepProgram(
  folder: string,
  key: Json,
  program: string,
  compile: (to: string) => Promise<Result<void>>,
): Promise<Result<void>> {
  const kept = join(folder, 'executable');
  const keyFile = join(folder, 'key');
  const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex');
  await mkdir(folder, { recursive: true });
  if ((await readFile(keyFile, 'utf8').catch(() => undefined)) !== digest) {
    const compiled = await compile(kept);
    if (!compiled.ok) return compiled;
    await writeFile(keyFile, digest);
  }
  await copyFile(kept, program);
  return ok(undefined);
}
