import { join, posix } from 'node:path';
import type { FinishRequest } from './builder.ts';
import { leftOut } from './publish-rules.ts';

/**
 * Publishes a folder of the finished working copy as the service's `static/`. Hidden files, secrets, databases, lockfiles
 * and tools' settings stay out, as `leftOut` has it.
 *
 * @param folder relative to the service's root, such as `dist`; `.` is the root itself.
 * @returns whether there was such a folder.
 */
export async function writeStatic(request: FinishRequest, folder: string): Promise<boolean> {
  const from = posix.join(request.plan.directory, folder);
  const found = await request.view.stat(from);
  if (found?.kind !== 'directory') return false;
  const inside = (path: string) => (from === '.' ? path : path.slice(from.length + 1));
  const isPublished = (path: string) => path === from || leftOut(inside(path)) === undefined;
  await request.view.copy(from, join(request.output, 'static'), isPublished);
  return true;
}
