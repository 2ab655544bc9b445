import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes, files and functions of a service's output tree. A function that is a link to another counts as one. */
export async function measureTree(
  folder: string,
): Promise<{ size: number; files: number; functions: number }> {
  const total = { size: 0, files: 0, functions: 0 };
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(
    entries.map(async entry => {
      const path = join(folder, entry.name);
      if (entry.name.endsWith('.func')) total.functions += 1;
      if (entry.isDirectory()) {
        const below = await measureTree(path);
        total.size += below.size;
        total.files += below.files;
        total.functions += below.functions;
      } else {
        const { size } = await lstat(path);
        total.size += size;
        total.files += 1;
      }
    }),
  );
  return total;
}
