import { basename } from 'node:path/posix';
import type { Failure, InputSet, ServiceConfig } from '@svc/contracts';
import { sortedByBytes } from '@svc/sources';
import type { Checkout } from './checkout.ts';
import { LOCKFILE_NAMES } from './packages/package-manager.ts';
import { isWithin, join, relativeTo, upward } from './paths.ts';
import { failure } from './service/failure.ts';

/** Files that tools look for in the folders above the one they work in. */
const SHARED_CONFIGURATION = [
  /^package\.json$/,
  /^(?:pnpm-workspace\.yaml|\.pnpmfile\.c?js|\.npmrc|\.yarnrc(?:\.yml)?|bunfig\.toml)$/,
  /^(?:tsconfig(?:\..+)?|jsconfig)\.json$/,
  /^(?:babel|postcss|tailwind|eslint|prettier)\.config\.[cm]?[jt]s(?:on)?$/,
  /^\.(?:babelrc(?:\.[cm]?js(?:on)?)?|swcrc|browserslistrc|postcssrc(?:\..+)?)$/,
  /^(?:turbo|nx|lerna)\.json$/,
  // Which builder packages svc runs, and in which versions.
  /^svc-builders\.json$/,
  /^\.(?:nvmrc|node-version|python-version|tool-versions)$/,
  /^(?:go\.work(?:\.sum)?|uv\.lock|pyproject\.toml|Cargo\.(?:toml|lock)|rust-toolchain(?:\.toml)?)$/,
];

/** Folders at a workspace's root from which package managers take programs and patches. */
const INSTALL_FOLDERS = ['.yarn/releases', '.yarn/plugins', '.yarn/patches', 'patches'];

/** Settings that an install needs even where they hold a login and git therefore ignores them. */
const INSTALL_SETTINGS = ['.npmrc', '.yarnrc.yml'];

interface KnownInputs {
  readonly packages: readonly string[];
  readonly built: readonly string[];
  readonly installFolder: string | null;
  readonly envFiles: readonly string[];
}

/** Finds what services see beyond their own folders; each folder above them is looked through once a run. */
export class InputFinder {
  readonly #checkout: Checkout;
  readonly #prefix: string;
  readonly #shared = new Map<string, Promise<readonly string[]>>();

  constructor(checkout: Checkout, prefix: string) {
    this.#checkout = checkout;
    this.#prefix = prefix;
  }

  /**
   * What a service's steps see. `packages` are the folders of the workspace packages that it depends on, `built` what its
   * builder named, `installFolder` is where its packages are installed (null when nothing is).
   */
  async inputsOf(
    service: ServiceConfig,
    directory: string,
    { packages, built, installFolder, envFiles }: KnownInputs,
  ): Promise<{ inputs: InputSet; failures: Failure[] }> {
    const declared = await this.#declared(service);
    const named = await this.#sorted(built);
    const outside = [...packages, ...named.folders, ...declared.folders].filter(
      folder => !isWithin(directory, folder),
    );
    const roots = [directory, ...sortedByBytes(outside)];
    const shared = await Promise.all(
      upward(directory)
        .slice(1)
        .map(folder => this.#sharedIn(folder)),
    );
    const single = [
      ...shared.flat(),
      ...named.files,
      ...declared.files,
      ...(await this.#installFiles(installFolder)),
    ];
    const files = sortedByBytes(single.filter(file => !roots.some(root => isWithin(root, file))));
    const inRoots = await this.#checkout.sources.files([...roots, ...envFiles]);
    const tracked = await this.#checkout.sources.files(envFiles);
    const count = inRoots.length + files.length + envFiles.length - tracked.length;
    const inputs = { roots, files, envFiles, count };
    return { inputs, failures: declared.failures };
  }

  #sharedIn(folder: string): Promise<readonly string[]> {
    let shared = this.#shared.get(folder);
    if (!shared) {
      shared = this.#checkout.sources
        .filesDirectlyIn(folder)
        .then(files => files.filter(file => isShared(relativeTo(folder, file))));
      this.#shared.set(folder, shared);
    }
    return shared;
  }

  async #installFiles(folder: string | null): Promise<readonly string[]> {
    if (folder === null) return [];
    const settings = INSTALL_SETTINGS.map(name => join(folder, name));
    const kinds = await Promise.all(settings.map(path => this.#checkout.kindOf(path)));
    const folders = INSTALL_FOLDERS.map(name => join(folder, name));
    return [
      ...(await this.#sharedIn(folder)),
      ...settings.filter((_, index) => kinds[index] === 'file'),
      ...(await this.#checkout.sources.files(folders)),
    ];
  }

  /** What `svc.json` adds for the service. */
  async #declared(service: ServiceConfig) {
    const paths = service.local.inputs.map(path => join(this.#prefix, path));
    const kinds = await Promise.all(paths.map(path => this.#checkout.kindOf(path)));
    const failures = service.local.inputs
      .filter((_, index) => kinds[index] === undefined)
      .map(path =>
        failure(service, 'config-invalid-value', 'local.inputs', {
          message: `the input "${path}" of service "${service.name}" does not exist`,
          help: 'The path in svc.json is relative to the folder of the project.',
        }),
      );
    return { ...byKind(paths, kinds), failures };
  }

  async #sorted(paths: readonly string[]) {
    return byKind(paths, await Promise.all(paths.map(path => this.#checkout.kindOf(path))));
  }
}

function byKind(paths: readonly string[], kinds: readonly (string | undefined)[]) {
  return {
    folders: paths.filter((_, index) => kinds[index] === 'directory'),
    files: paths.filter((_, index) => kinds[index] === 'file'),
  };
}

function isShared(name: string): boolean {
  return LOCKFILE_NAMES.includes(name) || SHARED_CONFIGURATION.some(pattern => pattern.test(basename(name)));
}
