import type { JsonObject } from '@svc/contracts';
import type { Checkout } from '../checkout.ts';
import { isObject } from '../checkout.ts';
import { join } from '../paths.ts';
import type { Package } from './workspace.ts';

/** A package of the workspace that has to be built before the service that uses it. */
export interface DependencyBuild {
  readonly package: Package;
  /** Folders that the build makes, relative to the boundary. */
  readonly outputs: readonly string[];
}

/**
 * Of the packages that a service depends on, those to be built first: they have a `build` script, and their
 * `package.json` sends importers to files that are not among the sources. The order is kept.
 */
export async function dependencyBuilds(
  checkout: Checkout,
  dependencies: readonly Package[],
): Promise<DependencyBuild[]> {
  const builds = await Promise.all(
    dependencies.map(async dependency => {
      const { scripts } = dependency.json;
      if (!isObject(scripts) || typeof scripts.build !== 'string') return [];
      const made = await targetsToMake(checkout, dependency);
      return made.length === 0 ? [] : [{ package: dependency, outputs: outputsOf(dependency, made) }];
    }),
  );
  return builds.flat();
}

/** Runners that build what a package depends on by themselves. */
export function buildsDependenciesItself(line: string): boolean {
  return /(?:^|[\s&|;(/])(?:turbo|nx|lerna|moon|lage|wireit|rush|bazel)(?:\s|$)/.test(line);
}

async function targetsToMake(checkout: Checkout, { folder, json }: Package): Promise<string[]> {
  const files = new Set(await checkout.sources.files([folder]));
  return entryTargets(json).filter(target => {
    const path = join(folder, target);
    if (!target.includes('*')) return !files.has(path) && !isFoundWithExtension(files, path);
    const before = path.slice(0, path.indexOf('*'));
    return ![...files].some(file => file.startsWith(before));
  });
}

/** `"main": "lib"` may mean `lib.js` or `lib/index.js`. */
function isFoundWithExtension(files: ReadonlySet<string>, path: string): boolean {
  return ['.js', '.json', '.cjs', '.mjs', '.ts', '/index.js', '/index.ts', '/index.json'].some(ending =>
    files.has(`${path}${ending}`),
  );
}

/** Where importers are sent: `main`, `module`, `types`, `exports` and the like. */
function entryTargets(json: JsonObject): string[] {
  const fields = [json.main, json.module, json.browser, json.types, json.typings, json.exports];
  return [...new Set(fields.flatMap(stringsIn))]
    .filter(target => !target.startsWith('..') && !target.startsWith('/') && target !== './package.json')
    .map(target => target.replace(/^\.\//, ''))
    .filter(target => target !== '' && target !== '.');
}

function stringsIn(value: JsonObject[string] | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return isObject(value) ? Object.values(value).flatMap(stringsIn) : [];
}

/** `packages/ui/dist` for `dist/index.js`. A target beside the sources names no folder of its own. */
function outputsOf({ folder }: Package, targets: readonly string[]): string[] {
  const tops = targets.filter(target => target.includes('/')).map(target => target.split('/')[0] ?? '');
  return [...new Set(tops)].filter(top => !top.includes('*')).map(top => join(folder, top));
}
