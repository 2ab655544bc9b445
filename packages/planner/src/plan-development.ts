import {
  type Builder,
  commandDevelopment,
  type DevelopmentPlan,
  frameworkDevelopment,
  type PlanRequest,
} from '@svc/builder-kit';
import type { InputSet, Project, Result, ServiceConfig, Step } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { planInstallation } from './packages/install.ts';
import { join } from './paths.ts';
import { type PlanOptions, prepare } from './plan-project.ts';
import { planService } from './plan-service.ts';
import type { PlannedService, Planning } from './planning.ts';
import { dependencySteps } from './steps/service-steps.ts';

export interface DevelopmentOptions extends PlanOptions {
  /** Absolute path of the folder that a service keeps between runs. */
  readonly state: (service: string) => string;
}

/** The install that a service's packages come from. Services of one workspace have the same. */
export interface DevelopmentInstall {
  /** Folder it runs in, relative to the boundary. */
  readonly folder: string;
  readonly command: string;
  /** Whether the configuration names the command, so that it is not to be changed. */
  readonly isConfigured: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Folders that it fills, relative to the boundary. */
  readonly fills: readonly string[];
}

/** How one service runs from its sources. Folders are relative to the boundary. */
export interface DevelopedService {
  readonly service: ServiceConfig;
  readonly directory: string;
  /** `Vite`, `FastAPI`, `node`; null for files. */
  readonly kind: string | null;
  readonly framework: string | null;
  readonly runtime: string | null;
  readonly inputs: Pick<InputSet, 'roots' | 'files' | 'envFiles'>;
  /** Env files that svc.json declares. */
  readonly envFiles: readonly string[];
  readonly install: DevelopmentInstall | null;
  /** Builds of workspace packages that it needs and whose entry is generated. */
  readonly dependencies: readonly Omit<Step, 'needs'>[];
  readonly development: DevelopmentPlan;
}

/**
 * Says how each service runs from its sources, each with its own result: one that cannot be planned does not keep the others
 * from running. A `devCommand` wins, then what the builder says, then the framework's development server.
 */
export async function planDevelopment(
  project: Project,
  options: DevelopmentOptions,
): Promise<ReadonlyMap<string, Result<DevelopedService>>> {
  const planning: Planning = {
    ...prepare(project, options),
    develop: (builder, request) => develop(project, options, builder, request),
  };
  const services = project.services.filter(({ name }) => options.filter?.includes(name) ?? true);
  const results = await Promise.all(
    services.map(async service => [service.name, await developService(planning, service)] as const),
  );
  return new Map(results);
}

async function develop(
  project: Project,
  { state, builders }: DevelopmentOptions,
  builder: Builder,
  request: PlanRequest,
): Promise<Result<DevelopmentPlan>> {
  const { service } = request;
  const own = await builder.develop?.({
    ...request,
    state: state(service.name),
    publicCleanUrls: project.public.cleanUrls === true,
  });
  const command = service.devCommand;
  if (command !== undefined) return ok(withCommand(own?.ok ? own.value : undefined, command));
  if (own) return own.ok ? own : failed(...own.failures.map(each => ({ ...each, service: service.name })));
  const plan = frameworkDevelopment(request);
  if (plan) return ok(plan);
  const position = service.positions[''];
  return failed({
    code: 'dev-command-missing',
    service: service.name,
    ...(isOwn(builder, builders)
      ? {
          message: `svc does not know how to run service "${service.name}" from its sources`,
          help: `${NAME_THE_COMMAND}.`,
        }
      : {
          message: `the builder "${builder.name}" builds service "${service.name}", but does not say how it runs from its sources`,
          help: `${NAME_THE_COMMAND}. Or give the builder a "develop": see docs/writing-a-builder.md.`,
        }),
    ...(position ? { position } : {}),
  });
}

const NAME_THE_COMMAND =
  'Name the command in vercel.json: "devCommand": "… --port $PORT". It has to listen on the port in the variable PORT';

function isOwn(builder: Builder, own: readonly Builder[]): boolean {
  return own.some(each => each.name === builder.name);
}

/** The command runs in what the builder has prepared: packages, and programs on its path. */
function withCommand(own: DevelopmentPlan | undefined, line: string): DevelopmentPlan {
  const { install = [], env, programs } = own ?? {};
  return {
    ...commandDevelopment(line),
    install,
    ...(env ? { env } : {}),
    ...(programs ? { programs } : {}),
  };
}

async function developService(planning: Planning, service: ServiceConfig): Promise<Result<DevelopedService>> {
  const planned = await planService(planning, service);
  if (planned.ok) return ok(developed(service, planned.value));
  const command = service.devCommand;
  const isThere = !planned.failures.some(({ code }) => code.startsWith('root-'));
  // What a build would need to know about a service, its command may know without svc.
  return command !== undefined && isThere ? ok(await bare(planning, service, command)) : planned;
}

function developed(
  service: ServiceConfig,
  { plan, install, seed, development }: PlannedService,
): DevelopedService {
  if (!development) throw new Error(`${service.name} was not asked how it runs from its sources`);
  return {
    service,
    directory: plan.directory,
    kind: plan.framework?.name ?? plan.runtime,
    framework: plan.framework?.slug ?? null,
    runtime: plan.runtime,
    inputs: plan.inputs,
    envFiles: plan.env.files,
    install: install && {
      folder: install.folder,
      command: service.installCommand === undefined ? developersInstall(install.command) : install.command,
      isConfigured: service.installCommand !== undefined,
      env: install.env,
      fills: install.fills,
    },
    dependencies: dependencySteps(seed),
    development,
  };
}

/**
 * A build installs exactly what the lockfile says or fails; whoever has just edited a manifest wants the lockfile to follow.
 * And `npm ci` begins by deleting what is there. It is the same command before there is a lockfile, so that an install which
 * makes one changes nothing else.
 */
function developersInstall(command: string): string {
  return command.replace(/^npm ci\b/, 'npm install').replace(/ --(?:frozen-lockfile|immutable)\b/, '');
}

async function bare(planning: Planning, service: ServiceConfig, command: string): Promise<DevelopedService> {
  const { checkout, prefix, workspaces } = planning;
  const directory = join(prefix, service.root);
  const workspace = await workspaces.of(directory);
  const packages = workspace ? await planInstallation(checkout, directory, workspace) : null;
  const own = service.installCommand;
  const usual = packages?.command ?? null;
  const line = own ?? (usual === null ? null : developersInstall(usual));
  return {
    service,
    directory,
    kind: null,
    framework: service.framework ?? null,
    runtime: service.runtime ?? null,
    inputs: { roots: [directory], files: [], envFiles: [] },
    envFiles: [],
    install:
      line === null
        ? null
        : {
            folder: own === undefined ? (workspace?.folder ?? directory) : directory,
            command: line,
            isConfigured: own !== undefined,
            env: packages?.env ?? {},
            fills: packages?.fills ?? [],
          },
    dependencies: [],
    development: commandDevelopment(command),
  };
}
