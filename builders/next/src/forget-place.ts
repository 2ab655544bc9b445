import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where Next.js writes its settings, which name the folder that it was built in. */
const SETTINGS = new Set(['required-server-files.json', 'required-server-files.js', '___next_launcher.cjs']);

/** Where the vendor's platform puts a function's files. */
const PLACE = '/var/task';

/**
 * Takes the checkout's path out of the functions that Next.js made. It is on no other machine, and nothing reads it there:
 * the launcher goes by its own place. With it, the same sources would give other functions in every clone.
 *
 * @param functions absolute path of the output's `functions` folder.
 * @param boundary absolute path of the checkout as the build saw it.
 */
export async function forgetPlace(functions: string, boundary: string): Promise<void> {
  const entries = await readdir(functions, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile() && SETTINGS.has(entry.name));
  const written = JSON.stringify(boundary).slice(1, -1);
  await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = join(parentPath, name);
      const text = await readFile(file, 'utf8');
      if (text.includes(written)) await writeFile(file, text.replaceAll(written, PLACE));
    }),
  );
}
