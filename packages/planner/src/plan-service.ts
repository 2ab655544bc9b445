import type { Builder, BuilderPlan, FrameworkInfo, PlanRequest } from '@svc/builder-kit';
import type { Failure, Notice, Project, Result, ServiceConfig, ServicePlan } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import type { Checkout } from './checkout.ts';
import { frameworkEnvFiles, planEnv } from './env/env-plan.ts';
import { envNotPassed } from './env/not-passed.ts';
import { frameworkInfo } from './frameworks/catalog.ts';
import type { InputFinder } from './inputs.ts';
import { workspaceDependencies } from './packages/dependencies.ts';
import { buildsDependenciesItself, dependencyBuilds } from './packages/dependency-builds.ts';
import { type Installation, planInstallation } from './packages/install.ts';
import { composeScript, type Script } from './packages/scripts.ts';
import type { Package, Workspaces } from './packages/workspace.ts';
import { isWithin, join } from './paths.ts';
import { askBuilder } from './service/ask-builder.ts';
import { chooseBuilder } from './service/choose-builder.ts';
import { readEntrypoint } from './service/entrypoint.ts';
import { notice } from './service/failure.ts';
import { openServiceFolder, type ServiceFolder } from './service/folder.ts';
import { type Resolution, resolveService } from './service/resolution.ts';
import type { InstallNeed } from './steps/install-steps.ts';
import type { StepSeed } from './steps/service-steps.ts';

/** What the planning of all services shares. */
export interface Planning {
  readonly project: Project;
  /** Path from the boundary to the project's folder. */
  readonly prefix: string;
  readonly checkout: Checkout;
  readonly workspaces: Workspaces;
  readonly inputs: InputFinder;
  readonly builders: readonly Builder[];
  /** Variables that the caller has set and that no step receives unless a service asks for them. */
  readonly callerVariables: ReadonlySet<string>;
}

/** One service, planned but for its steps' place among those of the others. */
export interface PlannedService {
  readonly plan: Omit<ServicePlan, 'steps'>;
  readonly install: InstallNeed | null;
  readonly seed: StepSeed;
  readonly warnings: readonly Notice[];
}

/** Plans one service by itself. Reads the checkout, executes nothing. */
export async function planService(
  planning: Planning,
  service: ServiceConfig,
): Promise<Result<PlannedService>> {
  const { checkout, project, prefix, builders } = planning;
  const opened = await openServiceFolder(checkout, project, prefix, service);
  if (!opened.ok) return opened;
  const folder = opened.value;
  const entrypoint = readEntrypoint(service, folder);
  if (!entrypoint.ok) return entrypoint;

  const workspace = await planning.workspaces.of(folder.directory);
  const installation = workspace ? await planInstallation(checkout, folder.directory, workspace) : null;
  const scripts = new Map<string, Script>();
  const requestFor = (known: Pick<PlanRequest, 'framework' | 'runtime' | 'entrypoint' | 'handler'>) =>
    planRequest(planning, service, folder, installation, scripts, known);

  const resolved = await resolveService(service, folder, entrypoint.value, configName(project), async () => {
    const node = builders.find(({ runtimes }) => runtimes.includes('node'));
    if (!node) return undefined;
    const blank = { framework: null, runtime: 'node', entrypoint: null, handler: null };
    const answer = await askBuilder(service, node, requestFor(blank));
    return answer.ok || answer.failures.some(({ code }) => code !== 'entrypoint-not-found')
      ? answer
      : undefined;
  });
  if (!resolved.ok) return resolved;
  const resolution = resolved.value;

  const builder = chooseBuilder(service, builders, resolution);
  if (!builder.ok) return builder;
  const framework = resolution.framework ? await frameworkInfo(resolution.framework) : null;
  const request = requestFor({
    framework,
    runtime: resolution.runtime,
    entrypoint: resolution.entrypoint?.path ?? null,
    handler: resolution.entrypoint?.handler ?? null,
  });
  const answer = resolution.planned
    ? ok(resolution.planned)
    : await askBuilder(service, builder.value, request);
  if (!answer.ok) return answer;
  return complete(
    planning,
    service,
    folder,
    installation,
    resolution,
    framework,
    builder.value,
    answer.value,
    scripts,
  );
}

function configName(project: Project): string {
  return project.configFile ?? 'vercel.json';
}

function planRequest(
  { checkout }: Planning,
  service: ServiceConfig,
  folder: ServiceFolder,
  installation: Installation | null,
  scripts: Map<string, Script>,
  known: Pick<PlanRequest, 'framework' | 'runtime' | 'entrypoint' | 'handler'>,
): PlanRequest {
  return {
    service,
    directory: folder.directory,
    paths: { boundary: checkout.boundary, root: folder.absolute },
    ...known,
    files: folder.files,
    packageManager: installation?.manager ?? null,
    packageJson: folder.packageJson,
    script: name => {
      const script = installation && composeScript(folder.packageJson, name, installation.runner);
      if (script) scripts.set(script.line, script);
      return script ?? undefined;
    },
  };
}

/** Everything that follows from the builder's plan: installs, the packages to build first, inputs, environment. */
async function complete(
  planning: Planning,
  service: ServiceConfig,
  folder: ServiceFolder,
  installation: Installation | null,
  resolution: Resolution,
  framework: FrameworkInfo | null,
  builder: Builder,
  built: BuilderPlan,
  scripts: ReadonlyMap<string, Script>,
): Promise<Result<PlannedService>> {
  const { checkout, prefix } = planning;
  const { directory } = folder;
  // Languages other than JavaScript do not install what a package.json somewhere above them lists.
  const usesPackages = resolution.runtime === null || resolution.runtime === 'node';
  const packages = usesPackages && built.steps.length > 0 ? installation : null;
  const install = installNeed(service, directory, packages);
  const dependencies = packages ? await dependenciesOf(planning, directory, packages) : [];
  const buildsItself = built.steps.some(
    ({ command }) => command.type === 'shell' && buildsDependenciesItself(command.line),
  );
  const envFiles = await frameworkEnvFiles(checkout, directory, framework);
  const { env, failures: envFailures } = await planEnv(checkout, prefix, service, framework);
  const { inputs, failures: inputFailures } = await planning.inputs.inputsOf(
    service,
    directory,
    dependencies.map(each => each.folder),
    install?.folder ?? null,
    envFiles,
  );
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
    caches: packages?.caches ?? [join(directory, 'node_modules')],
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
