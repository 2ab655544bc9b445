import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { WorkingView } from '@svc/contracts';

/** Version of the package as installed for a folder: the nearest `node_modules` upwards. `undefined` when there is none. */
export async function installedVersion(
  view: WorkingView,
  directory: string,
  name: string | null,
): Promise<string | undefined> {
  if (name === null) return undefined;
  for (let folder = directory; ; folder = posix.dirname(folder)) {
    const file = await view.locate(posix.join(folder, 'node_modules', name, 'package.json'));
    if (file !== undefined) return versionIn(await readFile(file, 'utf8'));
    if (folder === '.') return undefined;
  }
}

function versionIn(text: string): string | undefined {
  const { version } = JSON.parse(text) as { version?: unknown };
  return typeof version === 'string' ? version : undefined;
}
