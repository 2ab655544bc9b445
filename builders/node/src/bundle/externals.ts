import { basename, dirname, extname } from 'node:path';
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { installedPackage, isBare, packageName } from './installed.ts';
import { type BundleJob, insideFunction, isInstalled, isOutside, specifierTo } from './job.ts';
import { askEsbuild } from './resolving.ts';
import { nothingForTypes, type Tolerance } from './tolerance.ts';

/** What Node can load as it is; anything else that a package ships (TypeScript, JSX) is bundled. */
const LOADABLE = new Set(['.js', '.cjs', '.mjs', '.json', '.node', '.wasm', '']);
const TOLERANT_NAMESPACE = 'svc-tolerant';

export interface Externals {
  readonly plugin: Plugin;
  /** Native addons and other files outside `node_modules` that the bundle loads by path, absolute. */
  readonly files: Set<string>;
  /** Links to make beside the bundle: name in its `node_modules` -> absolute folder of the package. */
  readonly links: Map<string, string>;
}

/**
 * Decides what goes into the bundle: the service's own sources and those of workspace packages. Installed packages stay
 * outside, to be loaded as real files from where they are installed.
 *
 * @param bundle absolute path that the bundle will have.
 */
export function externals(job: BundleJob, bundle: string, tolerance: Tolerance): Externals {
  const files = new Set<string>();
  const links = new Map<string, string>();

  const resolve = async (build: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult | undefined> => {
    if (args.kind === 'entry-point') return undefined;
    if (args.namespace === TOLERANT_NAMESPACE) return { path: args.path, external: true };
    const found = await askEsbuild(build, args);
    if (!found) return undefined;
    // Without an answer here esbuild resolves once more itself, and reports with the place of the import.
    if (found.errors.length > 0) return nothingForTypes(args, tolerance);
    if (found.external || found.namespace !== 'file') return withSuffix(found);
    if (isOutside(job, found.path)) {
      return {
        errors: [{ text: `"${args.path}" leads to ${basename(found.path)}, outside of the project` }],
      };
    }
    const extension = extname(found.path);
    const isAddon = extension === '.node';
    if (!isAddon && !(isInstalled(job, found.path) && LOADABLE.has(extension))) return undefined;
    const path = specifierFor(args, found.path);
    if (!isBare(path)) files.add(found.path);
    if (isBare(path) && args.kind === 'import-statement' && tolerance.mayLackNames(args.importer)) {
      return { path, namespace: TOLERANT_NAMESPACE };
    }
    return { path, external: true };
  };

  /** The specifier under which the bundle reaches the very file that the importer would have reached. */
  const specifierFor = (args: OnResolveArgs, file: string): string => {
    const asFile = () => specifierTo(insideFunction(job, bundle), insideFunction(job, file));
    if (!isBare(args.path)) return asFile();
    const name = packageName(args.path);
    const wanted = installedPackage(name, args.resolveDir, job.boundary);
    if (wanted === undefined) return asFile();
    if (wanted === installedPackage(name, dirname(bundle), job.boundary)) return args.path;
    const alias = aliasFor(name, wanted, links);
    return alias + args.path.slice(name.length);
  };

  const plugin: Plugin = {
    name: 'svc-externals',
    setup(build) {
      build.onResolve({ filter: /.*/ }, args => resolve(build, args));
      // `export *` from outside makes esbuild look names up at run time, where a missing one is merely undefined.
      build.onLoad({ filter: /.*/, namespace: TOLERANT_NAMESPACE }, args => {
        const from = JSON.stringify(args.path);
        return {
          contents: `export * from ${from};import * as all from ${from};export default Reflect.get(all, "default");`,
        };
      });
    },
  };
  return { plugin, files, links };
}

function withSuffix(found: {
  path: string;
  external: boolean;
  namespace: string;
  suffix: string;
}): OnResolveResult {
  return { path: found.path, external: found.external, namespace: found.namespace, suffix: found.suffix };
}

/** A name for a package that the bundle cannot reach by its own; one and the same for one folder. */
function aliasFor(name: string, folder: string, links: Map<string, string>): string {
  const base = `@svc-bundled/${name.replace('@', '').replace('/', '__')}`;
  for (let count = 1; ; count++) {
    const alias = count === 1 ? base : `${base}-${count}`;
    const taken = links.get(alias);
    if (taken === undefined) links.set(alias, folder);
    if (taken === undefined || taken === folder) return alias;
  }
}
