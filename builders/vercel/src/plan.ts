import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { BuilderPlan, PlanRequest, StepDraft } from '@svc/builder-kit';
import { failed, type JsonObject, ok, type Result } from '@svc/contracts';
import { type BuildInput, type InstallInput, PROJECT_LOCK } from './input.ts';
import { OFFICIAL_PACKAGES, type PackageRequest, readPackageRequest } from './packages.ts';

/** What a builder on top of the adapter says of its package. */
export interface PackageChoice extends PackageRequest {
  /** Names of the two tools. */
  readonly tools: { readonly install: string; readonly build: string };
  /** Whether `build` may open connections: builders that fetch toolchains need to. */
  readonly network: boolean;
  readonly caches: readonly string[];
}

/** The limit of the vendor's platform for one build. */
const TIME_LIMIT = 45 * 60_000;

/** Plans a service for the adapter itself: the package that `svc.json` names, or the one that stands for its framework. */
export async function planVercel(request: PlanRequest): Promise<Result<BuilderPlan>> {
  const wanted = request.service.local.builder;
  const key = request.runtime ?? ADAPTED_FRAMEWORKS[request.framework?.slug ?? ''];
  if (wanted === undefined && key === undefined) {
    return failed({
      code: 'builder-not-found',
      message: `there is no builder package for ${request.framework?.name ?? 'this service'}`,
      help: 'Name one in svc.json: "builder": "vercel-php".',
    });
  }
  const choice = wanted === undefined ? { name: `@vercel/${key}`, wanted: null } : readPackageRequest(wanted);
  const tools = { install: 'vercel/install', build: 'vercel/build' };
  return ok(planPackage(request, { ...choice, tools, network: true, caches: ['.vercel/cache'] }));
}

/** Which of the vendor's packages builds a framework with a server part (section 3.2 of the services reference). */
const ADAPTED_FRAMEWORKS: Readonly<Record<string, string>> = {
  remix: 'remix-builder',
  'react-router': 'remix-builder',
  redwoodjs: 'redwood',
  hydrogen: 'hydrogen',
};

/** Two steps: the package is put into svc's own folder, then it builds. Nothing is looked up before they run. */
export function planPackage(request: PlanRequest, choice: PackageChoice): BuilderPlan {
  const { service } = request;
  const official = OFFICIAL_PACKAGES[choice.name];
  const entrypoint = request.entrypoint ?? official?.source ?? 'package.json';
  const version = choice.wanted ?? official?.version;
  const shown = version === undefined ? choice.name : `${choice.name}@${version}`;
  const install: InstallInput = {
    package: choice.name,
    wanted: choice.wanted,
    project: projectFolder(request.directory, service.root),
  };
  const build: BuildInput = {
    ...install,
    service: service.name,
    root: service.root,
    entrypoint,
    framework: request.framework?.slug ?? null,
    functions: JSON.parse(JSON.stringify(service.functions)) as JsonObject,
    installCommand: service.installCommand ?? null,
    buildCommand: service.buildCommand ?? null,
    outputDirectory: service.outputDirectory ?? null,
    isInstalled: request.packageManager !== null || service.installCommand !== undefined,
    caches: choice.caches,
    timeLimit: TIME_LIMIT,
  };
  const steps: StepDraft[] = [
    {
      kind: 'build',
      label: `install the builder ${shown}`,
      command: { type: 'tool', tool: choice.tools.install, input: install },
      network: true,
    },
    {
      kind: 'build',
      label: `build with ${choice.name}`,
      command: { type: 'tool', tool: choice.tools.build, input: build },
      network: choice.network,
    },
  ];
  return {
    entrypoint,
    outputDirectory: null,
    steps,
    caches: choice.caches,
    inputs: lockInputs(request, choice, install.project),
    data: { package: choice.name },
    warnings: [],
  };
}

/** The project's lockfile counts as an input of what it pins. */
function lockInputs({ paths }: PlanRequest, { name, wanted }: PackageChoice, project: string): string[] {
  const version = OFFICIAL_PACKAGES[name]?.version;
  const isPinned = version !== undefined && (wanted === null || wanted === version);
  const file = posix.join(project, PROJECT_LOCK);
  return !isPinned && existsSync(join(paths.boundary, file)) ? [file] : [];
}

/** Path from the boundary to the project's folder, which the service's root is relative to. */
function projectFolder(directory: string, root: string): string {
  if (root === '.') return directory;
  return directory === root ? '.' : directory.slice(0, -root.length - 1);
}
