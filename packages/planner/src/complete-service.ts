import type { Builder, BuilderPlan, FrameworkInfo } from '@svc/builder-kit';
import type { Failure, Notice, Result, ServiceConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { frameworkEnvFiles, planEnv } from './env/env-plan.ts';
import { envNotPassed } from './env/not-passed.ts';
import { workspaceDependencies } from './packages/dependencies.ts';
import { buildsDependenciesItself, dependencyBuilds } from './packages/dependency-builds.ts';
import type { Installation } from './packages/install.ts';
import type { Script } from './packages/scripts.ts';
import type { Package } from './packages/workspace.ts';
import { isWithin, join } from './paths.ts';
import type { PlannedService, Planning } from './planning.ts';
import { notice } from './service/failure.ts';
import type { ServiceFolder } from './service/folder.ts';
import type { Resolution } from './service/resolution.ts';
import type { InstallNeed } from './steps/install-steps.ts';

/** A service whose builder has said what is to be done. */
export interface AnsweredService {
  readonly service: ServiceConfig;
  readonly folder: ServiceFolder;
  /** What its packages would come from; null without a `package.json` at or above its root. */
  readonly installation: Installation | null;
  readonly resolution: Resolution;
  readonly framework: FrameworkInfo | null;
  readonly builder: Builder;
  readonly built: BuilderPlan;
  /** The scripts that the builder was given, by their line. */
  readonly scripts: ReadonlyMap<string, Script>;
}

/** Everything that follows from the builder's plan: installs, the packages to build first, inputs, environment. */
export async function completeService(
  planning: Planning,
  { service, folder, installation, resolution, framework, builder, built, scripts }: AnsweredService,
): Promise<Result<PlannedService>> {
  const { checkout, prefix } = planning;
  const { directory } = folder;
  // Languages other than JavaScript do not install what a package.json somewhere above them lists.
  const usesPackages =
    resolution.runtime === 'node' ||
    (resolution.runtime === null && (folder.packageJson !== null || isOwn(planning, builder, framework)));
  const packages = usesPackages && built.steps.length > 0 ? installation : null;
  const install = installNeed(service, directory, packages);
  const dependencies = packages ? await dependenciesOf(planning, directory, packages) : [];
  const buildsItself = built.steps.some(
    ({ command }) => command.type === 'shell' && buildsDependenciesItself(command.line),
  );
  const envFiles = await frameworkEnvFiles(checkout, directory, framework);
  const { env, failures: envFailures } = await planEnv(checkout, prefix, service, framework);
  const { inputs, failures: inputFailures } = await planning.inputs.inputsOf(service, directory, {
    packages: dependencies.map(each => each.folder),
    built: built.inputs ?? [],
    installFolder: install?.folder ?? null,
    envFiles,
  });
  const failures: Failure[] = [...envFailures, ...inputFailures];
  if (failures.length > 0) return failed(...failures);

  const unpassed = await envNotPassed({
    checkout,
    prefix,
    service,
    directory,
    files: folder.files,
    env,
    candidates: planning.callerVariables,
  });
  const caches = [...frameworkCaches(framework), ...built.caches, ...TOOL_CACHES];
  return ok({
    plan: {
      name: service.name,
      root: service.root,
      directory,
      framework: framework && { slug: framework.slug, name: framework.name },
      detectedFrom: resolution.detectedFrom,
      alsoMatched: resolution.alsoMatched,
      runtime: resolution.runtime,
      builder: { name: builder.name, version: builder.version },
      entrypoint: built.entrypoint,
      handler: resolution.entrypoint?.handler ?? null,
      packageManager: packages?.manager ?? null,
      workspace: install?.folder ?? null,
      inputs,
      env,
      outputDirectory: built.outputDirectory,
      builderData: built.data,
    },
    install,
    seed: {
      service,
      directory,
      drafts: built.steps,
      dependencyBuilds: buildsItself ? [] : await dependencyBuilds(checkout, dependencies),
      runner: packages?.runner ?? null,
      scripts,
      caches: [...new Set(caches)].map(path => join(directory, path)),
      holdsInputs: path => holdsSources(folder, path),
    },
    warnings: [
      ...(packages?.warnings ?? []),
      ...plugAndPlayNotice(service, packages),
      ...built.warnings,
      ...unpassed,
    ],
  });
}

/** Whether svc knows what the service is; a builder from elsewhere may build a language that has nothing to do with packages. */
function isOwn({ builders }: Planning, builder: Builder, framework: FrameworkInfo | null): boolean {
  return framework !== null || builders.includes(builder);
}

/** Sources of any service lie in that folder, or it is a source itself. */
function holdsSources(folder: ServiceFolder, path: string): boolean {
  const inside = join(folder.directory, path);
  return (
    path === '.' ||
    folder.has(path) ||
    folder.hasFolder(path) ||
    folder.otherRoots.some(root => isWithin(inside, root) || isWithin(root, inside))
  );
}

/** Where bundlers keep what they may use again. */
const TOOL_CACHES = ['node_modules/.cache', 'node_modules/.vite'];

/** The folders of a pattern such as `.next/cache/**` or `{.cache,public}/**`. */
function frameworkCaches(framework: FrameworkInfo | null): string[] {
  const folder = framework?.cachePattern?.replace(/\/\*\*.*$/, '');
  if (!folder) return [];
  const braces = /^(.*)\{([^}]*)\}(.*)$/.exec(folder);
  if (!braces) return [folder];
  return (braces[2] ?? '').split(',').map(part => `${braces[1] ?? ''}${part}${braces[3] ?? ''}`);
}

function installNeed(
  service: ServiceConfig,
  directory: string,
  packages: Installation | null,
): InstallNeed | null {
  const own = service.installCommand;
  const command = own ?? packages?.command ?? null;
  if (command === null) return null;
  const folder = own === undefined ? (packages?.workspace.folder ?? directory) : directory;
  return {
    service: service.name,
    command,
    folder,
    isOwnFolder: folder === directory && (own !== undefined || packages?.workspace.packages.length === 1),
    env: packages?.env ?? {},
    fills: packages?.fills ?? [join(directory, 'node_modules')],
  };
}

async function dependenciesOf(
  planning: Planning,
  directory: string,
  { workspace }: Installation,
): Promise<Package[]> {
  const own = await planning.workspaces.nearestPackage(directory);
  return own ? workspaceDependencies(own, workspace.packages) : [];
}

function plugAndPlayNotice(service: ServiceConfig, packages: Installation | null): Notice[] {
  if (!packages?.runner.plugAndPlay) return [];
  return [
    notice(service, 'yarn-plug-and-play', 'root', {
      message: `service "${service.name}" uses Yarn Plug'n'Play, so its commands run through yarn, which takes longer to start`,
      help: 'With "nodeLinker: node-modules" in .yarnrc.yml svc runs them itself.',
    }),
  ];
}
