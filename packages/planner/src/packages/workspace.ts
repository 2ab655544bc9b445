import { dirname } from 'node:path/posix';
import type { JsonObject } from '@svc/contracts';
import { type Checkout, isObject } from '../checkout.ts';
import { isWithin, join, relativeTo, upward } from '../paths.ts';
import { fixedFolder, matchesPattern } from './patterns.ts';
import { packagePatterns } from './pnpm-workspace.ts';

/** One `package.json`. */
export interface Package {
  /** Folder, relative to the boundary. */
  readonly folder: string;
  readonly name: string | null;
  readonly json: JsonObject;
}

/** Packages that install together: a workspace, or one package by itself. */
export interface Workspace {
  /** Where the install runs: the workspace's root. */
  readonly folder: string;
  /** The root's package first, then the members by folder. */
  readonly packages: readonly Package[];
  /** A workspace above does not list this package although its package manager would act as if it did. */
  readonly strayBelowPnpm: boolean;
}

/** Finds workspaces, each looked up once a run. */
export class Workspaces {
  readonly #checkout: Checkout;
  readonly #members = new Map<string, Promise<readonly Package[]>>();

  constructor(checkout: Checkout) {
    this.#checkout = checkout;
  }

  /** The workspace of the nearest package at or above a folder; `undefined` when no `package.json` is on the way up. */
  async of(folder: string): Promise<Workspace | undefined> {
    const own = await this.nearestPackage(folder);
    if (!own) return undefined;
    let strayBelowPnpm = false;
    for (const root of upward(own.folder)) {
      const patterns = await this.#patterns(root);
      if (!patterns) continue;
      if (root === own.folder || isMember(root, patterns, own.folder)) {
        return { folder: root, packages: await this.#packagesOf(root, patterns), strayBelowPnpm: false };
      }
      strayBelowPnpm ||= (await this.#checkout.read(join(root, 'pnpm-workspace.yaml'))) !== undefined;
    }
    return { folder: own.folder, packages: [own], strayBelowPnpm };
  }

  async nearestPackage(folder: string): Promise<Package | undefined> {
    for (const candidate of upward(folder)) {
      const json = await this.#checkout.packageJson(candidate);
      if (json) return asPackage(candidate, json);
    }
    return undefined;
  }

  async #patterns(root: string): Promise<readonly string[] | undefined> {
    const pnpm = await this.#checkout.read(join(root, 'pnpm-workspace.yaml'));
    if (pnpm !== undefined) return packagePatterns(pnpm);
    const declared = (await this.#checkout.packageJson(root))?.workspaces;
    const list = isObject(declared) ? declared.packages : declared;
    if (!Array.isArray(list)) return undefined;
    return list.filter(pattern => typeof pattern === 'string');
  }

  #packagesOf(root: string, patterns: readonly string[]): Promise<readonly Package[]> {
    let members = this.#members.get(root);
    if (!members) {
      members = this.#readPackages(root, patterns);
      this.#members.set(root, members);
    }
    return members;
  }

  async #readPackages(root: string, patterns: readonly string[]): Promise<readonly Package[]> {
    const isManifest = (file: string) => file === 'package.json' || file.endsWith('/package.json');
    const places = patterns
      .filter(pattern => !pattern.startsWith('!'))
      .map(pattern => join(root, fixedFolder(pattern)));
    const folders = (await this.#checkout.sources.files(places, isManifest))
      .map(file => dirname(file))
      .filter(folder => folder !== root && isMember(root, patterns, folder));
    const packages = await Promise.all(
      [root, ...folders].map(async folder => {
        const json = await this.#checkout.packageJson(folder);
        return json ? [asPackage(folder, json)] : [];
      }),
    );
    return packages.flat();
  }
}

function asPackage(folder: string, json: JsonObject): Package {
  return { folder, name: typeof json.name === 'string' ? json.name : null, json };
}

/** Patterns apply in order; `!pattern` takes back. */
function isMember(root: string, patterns: readonly string[], folder: string): boolean {
  if (!isWithin(root, folder) || folder.split('/').includes('node_modules')) return false;
  const relative = relativeTo(root, folder);
  let member = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) member &&= !matchesPattern(pattern.slice(1), relative);
    else member ||= matchesPattern(pattern, relative);
  }
  return member;
}
