import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type InstallInput, NEW_LOCK_ENTRY, PROJECT_LOCK } from '../input.ts';
import type { PackageRequest } from '../packages.ts';
import { chooseLock } from './choose-lock.ts';
import { lockedVersion, manifestOf, type PackageLock, withoutAddresses } from './lock.ts';
import { explainNpm, runNpm } from './npm.ts';
import { cacheFolder, installFolder, isInstalled } from './place.ts';
import type { LockEntry } from './project-lock.ts';

/**
 * Sees that a builder package is in svc's own folder, in exactly the versions of its lockfile. Nothing is fetched when it is
 * there already. A package without a lockfile gets one, which `finish` puts into the project.
 *
 * Failures: `builder-not-found` (no such package or version), `builder-install-failed`, `package-manager-missing`.
 */
export async function installBuilder(input: InstallInput, context: ToolContext): Promise<Result<unknown>> {
  const request: PackageRequest = { name: input.package, wanted: input.wanted };
  const known = await chooseLock(request, join(context.boundary, input.project));
  if (!known.ok) return known;
  if (known.value) return installLocked(request, known.value);

  const found = await lookUp(request);
  if (!found.ok) return found;
  const version = lockedVersion(found.value, input.package) ?? '';
  const entry: LockEntry = { version, wanted: input.wanted, lock: found.value };
  const installed = await installLocked(request, found.value);
  if (!installed.ok) return installed;
  await mkdir(context.output, { recursive: true });
  await writeFile(join(context.output, NEW_LOCK_ENTRY), JSON.stringify(entry));
  context.warn({
    code: 'builder-pinned',
    message: `the builder ${input.package} is now pinned to ${version} in ${PROJECT_LOCK}`,
    help: 'Commit that file, so that every machine builds with the same version.',
  });
  return ok(null);
}

/** Several builds may do this at once: each installs aside, and the first to finish gives the folder its name. */
async function installLocked(request: PackageRequest, lock: PackageLock): Promise<Result<unknown>> {
  const folder = installFolder(request.name, lock);
  const shown = `${request.name} ${lockedVersion(lock, request.name) ?? ''}`.trim();
  if (isInstalled(folder)) {
    console.log(`${shown} is installed`);
    return ok(null);
  }
  return aside(async scratch => {
    await writeFile(join(scratch, 'package.json'), JSON.stringify(manifestOf(lock)));
    await writeFile(join(scratch, 'package-lock.json'), JSON.stringify(lock));
    const end = await runNpm(['ci', '--prefer-offline'], scratch);
    if (!end.ok) return failed(explainNpm(shown, end));
    try {
      await rename(scratch, folder);
    } catch (error) {
      if (!isInstalled(folder)) throw error;
    }
    console.log(`installed ${shown}`);
    return ok(null);
  });
}

/** The lockfile of a package that nothing pins yet. */
async function lookUp({ name, wanted }: PackageRequest): Promise<Result<PackageLock>> {
  return aside(async scratch => {
    const spec = `${name}@${wanted ?? 'latest'}`;
    await writeFile(join(scratch, 'package.json'), JSON.stringify({ name: 'svc-builder', private: true }));
    const end = await runNpm(['install', '--package-lock-only', '--save-exact', spec], scratch);
    if (!end.ok) return failed(explainNpm(wanted === null ? name : spec, end));
    const lock = JSON.parse(await readFile(join(scratch, 'package-lock.json'), 'utf8')) as PackageLock;
    return ok(withoutAddresses(lock));
  });
}

/** A folder beside those of the installed packages, on the same file system, that is gone afterwards. */
async function aside<T>(work: (scratch: string) => Promise<T>): Promise<T> {
  const parent = join(cacheFolder(), 'builders');
  await mkdir(parent, { recursive: true });
  const scratch = await mkdtemp(join(parent, '.new-'));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
