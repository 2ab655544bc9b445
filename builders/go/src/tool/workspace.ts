import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { movedWorkspace, usedFolders } from '../go-work.ts';
import { type GoModule, WORK_FOLDER } from '../input.ts';

/**
 * Variables that make go use the module's workspace, or none. A step doesn't see the modules of unrelated services, and go
 * refuses a workspace that names modules that aren't there: it gets one that names the others.
 *
 * @param root absolute path of the service's root.
 */
export async function workspaceVariables(module: GoModule, root: string): Promise<Record<string, string>> {
  if (module.workspace === null) return { GOWORK: 'off' };
  const file = join(root, module.workspace, 'go.work');
  const text = await readFile(file, 'utf8');
  const used = usedFolders(text);
  const there = used.filter(folder => existsSync(join(dirname(file), folder, 'go.mod')));
  if (there.length === used.length) return { GOWORK: file };
  const moved = join(root, WORK_FOLDER, 'go.work');
  await mkdir(dirname(moved), { recursive: true });
  await writeFile(moved, movedWorkspace(text, dirname(file), there));
  if (existsSync(`${file}.sum`)) await copyFile(`${file}.sum`, `${moved}.sum`);
  return { GOWORK: moved };
}
