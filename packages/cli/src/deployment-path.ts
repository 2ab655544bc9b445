import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findProject } from '@svc/config';
import { ok, type Result } from '@svc/contracts';

/**
 * The deployment that an argument means: an archive or a deployment directory by its own path, else the `.vercel/output`
 * of the project that the folder belongs to.
 */
export async function deploymentPath(argument: string): Promise<Result<string>> {
  const path = resolve(argument);
  if (existsSync(path) && !statSync(path).isDirectory()) return ok(path);
  if (existsSync(join(path, 'deployment.json'))) return ok(path);
  const project = await findProject(path);
  return project.ok ? ok(join(project.value.directory, '.vercel', 'output')) : project;
}
