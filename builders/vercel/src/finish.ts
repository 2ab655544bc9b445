import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type FinishRequest, mergeRoutes } from '@svc/builder-kit';
import { ok, type Result, type Route, type ServiceOutputConfig } from '@svc/contracts';
import { cleanUrlOverrides } from './clean-urls.ts';
import { NEW_LOCK_ENTRY, PROJECT_LOCK } from './input.ts';
import { readNewEntry } from './install/new-entry.ts';
import { readProjectLock, withEntry } from './install/project-lock.ts';

/**
 * Completes what a builder package has left: the service's own rules before the builder's, and clean URLs. A package that was
 * pinned for the first time is written to the project's `svc-builders.json`.
 */
export async function finishPackage(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  const pinned = await pinPackage(request);
  if (!pinned.ok) return pinned;
  const file = join(request.output, 'config.json');
  const { routes, overrides, ...config } = JSON.parse(await readFile(file, 'utf8')) as ServiceOutputConfig;
  const isClean = request.publicCleanUrls || request.service.cleanUrls === true;
  const all = isClean ? cleanUrlOverrides(await staticFiles(request.output), overrides) : overrides;
  return ok({
    ...config,
    version: 3,
    routes: mergeRoutes(request.service.routes, (routes ?? []) as readonly Route[]),
    ...(all && Object.keys(all).length > 0 ? { overrides: all } : {}),
  });
}

async function staticFiles(output: string): Promise<string[]> {
  const folder = join(output, 'static');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const files = entries.filter(entry => entry.isFile());
  return files.map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')).sort();
}

/** The one file that svc writes into a project, as a package manager writes its lockfile, and only when an entry is new. */
async function pinPackage(request: FinishRequest): Promise<Result<unknown>> {
  const entry = await readNewEntry(request.output);
  if (!entry) return ok(null);
  await rm(join(request.output, NEW_LOCK_ENTRY));
  const lock = await readProjectLock(request.project);
  if (!lock.ok) return lock;
  const file = join(request.project, PROJECT_LOCK);
  await writeFile(`${file}.new`, withEntry(lock.value, String(request.plan.builderData.package), entry));
  await rename(`${file}.new`, file);
  return ok(null);
}
