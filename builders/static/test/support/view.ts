import { copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { ViewEntry, WorkingView } from '@svc/contracts';

/** A view of one real folder: what a working copy on disk is. */
export function viewOf(boundary: string): WorkingView {
  const view: WorkingView = {
    async stat(path) {
      const stats = await lstat(join(boundary, path)).catch(() => undefined);
      if (!stats) return undefined;
      const kind = stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'file';
      return { name: posix.basename(path), kind };
    },
    async list(directory) {
      const names = await readdir(join(boundary, directory)).catch(() => undefined);
      if (!names) return undefined;
      const entries = await Promise.all(names.sort().map(name => view.stat(posix.join(directory, name))));
      return entries.filter((entry): entry is ViewEntry => entry !== undefined);
    },
    async locate(path) {
      return (await view.stat(path)) ? join(boundary, path) : undefined;
    },
    async copy(directory, to, keep) {
      await mkdir(to, { recursive: true });
      for (const { name, kind } of (await view.list(directory)) ?? []) {
        const path = posix.join(directory, name);
        if (keep && !keep(path)) continue;
        const target = join(to, name);
        if (kind === 'directory') await view.copy(path, target, keep);
        else if (kind === 'link') await symlink(await readlink(join(boundary, path)), target);
        else await copyFile(join(boundary, path), target);
      }
    },
  };
  return view;
}
