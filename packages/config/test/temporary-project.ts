import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadProject } from '@svc/config';
import type { Project, Result } from '@svc/contracts';
import { afterEach } from 'vitest';

type Files = Readonly<Record<string, string | object>>;

const made: string[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
});

/** A folder with these files (objects become JSON), removed after the test. Its path is free of links. */
export async function folderWith(files: Files): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'svc-config-test-')));
  made.push(folder);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(
      join(folder, path),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
  }
  return folder;
}

export async function load(files: Files, env: Record<string, string> = {}): Promise<Result<Project>> {
  return loadProject(await folderWith(files), { env });
}

/** The project that these files make, or an error that shows what was found wrong. */
export async function loaded(files: Files, env: Record<string, string> = {}): Promise<Project> {
  const result = await load(files, env);
  if (!result.ok) throw new Error(JSON.stringify(result.failures, null, 2));
  return result.value;
}
