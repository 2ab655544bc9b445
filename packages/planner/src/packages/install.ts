import type { Notice, PackageManager } from '@svc/contracts';
import type { Checkout } from '../checkout.ts';
import { join } from '../paths.ts';
import { hasSomethingToInstall } from './dependencies.ts';
import { choosePackageManager, isYarnBerry, usesPlugAndPlay } from './package-manager.ts';
import type { ScriptRunner } from './scripts.ts';
import type { Workspace } from './workspace.ts';

/** What a service's packages come from. */
export interface Installation {
  readonly manager: PackageManager;
  readonly workspace: Workspace;
  readonly runner: ScriptRunner;
  /** The install command; null when there is nothing to install. */
  readonly command: string | null;
  /** Variables for the install. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders that the install fills. */
  readonly fills: readonly string[];
  readonly warnings: readonly Notice[];
}

/** How the packages of a workspace are installed for a service that needs them. */
export async function planInstallation(
  checkout: Checkout,
  directory: string,
  workspace: Workspace,
): Promise<Installation> {
  const { manager, warnings } = await choosePackageManager(checkout, directory, workspace.folder);
  const berry = await isYarnBerry(checkout, manager, workspace.folder);
  const plugAndPlay = berry && (await usesPlugAndPlay(checkout, workspace.folder));
  const needed = hasSomethingToInstall(workspace.packages);
  const command = installCommand(manager, berry, workspace);
  return {
    manager,
    workspace,
    runner: { manager: manager.name, hooks: runsHooks(manager, berry), plugAndPlay },
    command: needed ? command : null,
    // Neither of npm's two closing requests tells a build anything, and each waits for the registry.
    env: manager.name === 'npm' ? { npm_config_audit: 'false', npm_config_fund: 'false' } : {},
    fills: filledBy(workspace, plugAndPlay),
    warnings,
  };
}

function installCommand(manager: PackageManager, berry: boolean, workspace: Workspace): string {
  const frozen = manager.lockfile !== null;
  switch (manager.name) {
    case 'npm':
      return frozen ? 'npm ci' : 'npm install';
    case 'pnpm': {
      const alone = workspace.strayBelowPnpm ? ' --ignore-workspace' : '';
      return `pnpm install${frozen ? ' --frozen-lockfile' : ''}${alone}`;
    }
    case 'yarn':
      if (!frozen) return 'yarn install';
      return berry ? 'yarn install --immutable' : 'yarn install --frozen-lockfile';
    case 'bun':
      return frozen ? 'bun install --frozen-lockfile' : 'bun install';
  }
}

function runsHooks(manager: PackageManager, berry: boolean): boolean {
  if (manager.name === 'pnpm') return !/^[0-8](?:\.|$)/.test(manager.version ?? '9');
  return !berry;
}

function filledBy(workspace: Workspace, plugAndPlay: boolean): string[] {
  if (plugAndPlay) return ['.yarn/cache', '.yarn/unplugged'].map(path => join(workspace.folder, path));
  return workspace.packages.map(({ folder }) => join(folder, 'node_modules'));
}
