import type { JsonObject } from '@svc/contracts';
import { isObject } from '../checkout.ts';
import { join } from '../paths.ts';
import type { Package } from './workspace.ts';

const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

/** Every dependency that a `package.json` declares, of any kind: name and version range. */
export function declaredDependencies(json: JsonObject): (readonly [string, string])[] {
  return GROUPS.flatMap(group => {
    const declared = json[group];
    if (!isObject(declared)) return [];
    return Object.entries(declared).map(([name, range]) => [name, String(range)] as const);
  });
}

/**
 * The packages of the workspace that a package is built with, directly or through others, each after those it needs
 * itself. A cycle is cut where it closes. Links (`link:../x`, `file:../x`) lead to the package in that folder.
 */
export function workspaceDependencies(of: Package, packages: readonly Package[]): Package[] {
  const ordered: Package[] = [];
  const seen = new Set([of.folder]);
  const visit = (from: Package) => {
    for (const [name, range] of declaredDependencies(from.json)) {
      const target = resolve(from, name, range, packages);
      if (!target || seen.has(target.folder)) continue;
      seen.add(target.folder);
      visit(target);
      ordered.push(target);
    }
  };
  visit(of);
  return ordered;
}

function resolve(
  from: Package,
  name: string,
  range: string,
  packages: readonly Package[],
): Package | undefined {
  const link = /^(?:link|file|portal):(.+)$/.exec(range)?.[1];
  if (link !== undefined) {
    const folder = join(from.folder, link);
    return packages.find(each => each.folder === folder);
  }
  const alias = /^workspace:(@?[^@]+)@/.exec(range)?.[1];
  return packages.find(each => each.name === (alias ?? name));
}

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'];

/** Whether installing would do anything: a package of the workspace declares a dependency or a script of the install. */
export function hasSomethingToInstall(packages: readonly Package[]): boolean {
  return packages.some(({ json }) => {
    const { scripts } = json;
    const hasScript = isObject(scripts) && INSTALL_SCRIPTS.some(name => name in scripts);
    return hasScript || declaredDependencies(json).length > 0;
  });
}
