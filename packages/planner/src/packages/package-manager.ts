import { basename } from 'node:path/posix';
import type { Notice, PackageManager } from '@svc/contracts';
import type { Checkout } from '../checkout.ts';
import { join, upward } from '../paths.ts';

export type ManagerName = PackageManager['name'];

/** Lockfiles by what decides when several lie in one folder: the vendor's order (section 4 of the services reference). */
const LOCKFILES: readonly (readonly [string, ManagerName])[] = [
  ['yarn.lock', 'yarn'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['package-lock.json', 'npm'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];

export const LOCKFILE_NAMES: readonly string[] = LOCKFILES.map(([name]) => name);

export interface ChosenManager {
  readonly manager: PackageManager;
  readonly warnings: readonly Notice[];
}

/**
 * The package manager for a folder with a `package.json`: the `packageManager` field of that or of a `package.json` above
 * it, else the nearest lockfile upwards, else npm. A lockfile counts as the manager's own (for a frozen install) only in
 * the folder where it installs, and only if git does not ignore it: steps do not see it otherwise.
 *
 * @param from the folder whose packages are wanted.
 * @param installFolder where the install runs.
 */
export async function choosePackageManager(
  checkout: Checkout,
  from: string,
  installFolder: string,
): Promise<ChosenManager> {
  const declared = await declaredManager(checkout, from);
  const locks = await nearestLockfiles(checkout, from);
  const warnings = [...locks.warnings];
  const name = declared?.name ?? locks.chosen?.manager ?? 'npm';
  const own = locks.all.find(lock => lock.manager === name && lock.folder === installFolder);
  const foreign = locks.chosen && locks.chosen.manager !== name ? locks.chosen.path : undefined;
  if (declared && foreign !== undefined && !own) {
    warnings.push({
      code: 'package-manager-conflict',
      message: `${declared.decidedBy} says ${name}, but the lockfile ${foreign} is another package manager's: ${name} will install without a lockfile`,
      help: `Commit the lockfile of ${name}, or correct "packageManager".`,
    });
  }
  return {
    manager: {
      name,
      version: declared?.version ?? (own ? await versionFromLockfile(checkout, own.path) : null),
      lockfile: own?.path ?? null,
      decidedBy: declared?.decidedBy ?? locks.chosen?.path ?? 'default',
    },
    warnings,
  };
}

interface Declared {
  readonly name: ManagerName;
  readonly version: string | null;
  readonly decidedBy: string;
}

async function declaredManager(checkout: Checkout, from: string): Promise<Declared | undefined> {
  for (const folder of upward(from)) {
    const field = (await checkout.packageJson(folder))?.packageManager;
    if (typeof field !== 'string') continue;
    const parts = /^(npm|pnpm|yarn|bun)(?:@([^+]+))?/.exec(field);
    if (!parts) continue;
    return {
      name: parts[1] as ManagerName,
      version: parts[2] ?? null,
      decidedBy: `"packageManager" in ${join(folder, 'package.json')}`,
    };
  }
  return undefined;
}

interface Lockfile {
  readonly path: string;
  readonly folder: string;
  readonly manager: ManagerName;
}

async function nearestLockfiles(checkout: Checkout, from: string) {
  for (const folder of upward(from)) {
    const present = await Promise.all(
      LOCKFILES.map(async ([name, manager]) => {
        const path = join(folder, name);
        return (await checkout.has(path)) ? [{ path, folder, manager }] : [];
      }),
    );
    const all: Lockfile[] = present.flat();
    if (all.length === 0) continue;
    const managers = new Set(all.map(({ manager }) => manager));
    // Bun writes a yarn.lock beside its own on request: the two together mean Bun.
    const isBun = managers.size === 2 && managers.has('bun') && managers.has('yarn');
    const chosen = isBun ? all.find(({ manager }) => manager === 'bun') : all[0];
    return {
      all,
      chosen,
      warnings: managers.size > 1 && !isBun && chosen ? [severalLockfiles(all, chosen)] : [],
    };
  }
  return { all: [], chosen: undefined, warnings: [] };
}

function severalLockfiles(all: readonly Lockfile[], chosen: Lockfile): Notice {
  const names = all.map(({ path }) => basename(path)).join(' and ');
  return {
    code: 'several-lockfiles',
    message: `${names} lie side by side in ${chosen.folder === '.' ? 'the project folder' : chosen.folder}: ${basename(chosen.path)} decides`,
    help: `Remove the one that is out of date, or say which manager is in use: "packageManager": "${chosen.manager}@<version>" in package.json.`,
  };
}

async function versionFromLockfile(checkout: Checkout, path: string): Promise<string | null> {
  const text = (await checkout.read(path)) ?? '';
  switch (basename(path)) {
    case 'yarn.lock':
      return text.includes('# yarn lockfile v1') ? '1' : null;
    case 'pnpm-lock.yaml':
      return /^lockfileVersion:\s*'?6/m.test(text) ? '8' : null;
    default:
      return null;
  }
}

/** Yarn 2 and later: another program under the same name. */
export async function isYarnBerry(
  checkout: Checkout,
  manager: PackageManager,
  installFolder: string,
): Promise<boolean> {
  if (manager.name !== 'yarn') return false;
  if (manager.version !== null) return !/^[01](?:\.|$)/.test(manager.version);
  if ((await checkout.read(join(installFolder, '.yarnrc.yml'))) !== undefined) return true;
  const lock = manager.lockfile === null ? undefined : await checkout.read(manager.lockfile);
  return lock?.includes('__metadata:') ?? false;
}

/** Yarn's Plug'n'Play leaves no `node_modules`, so that programs run only through `yarn`. */
export async function usesPlugAndPlay(checkout: Checkout, installFolder: string): Promise<boolean> {
  const settings = (await checkout.read(join(installFolder, '.yarnrc.yml'))) ?? '';
  const linker = /^nodeLinker:\s*["']?([\w-]+)/m.exec(settings)?.[1];
  return linker === undefined || linker === 'pnp';
}
