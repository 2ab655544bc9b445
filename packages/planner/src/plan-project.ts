import { relative, sep } from 'node:path';
import type { Builder } from '@svc/builder-kit';
import type { Failure, Notice, Plan, Project, Result, ServiceConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import type { Sources } from '@svc/sources';
import { Checkout } from './checkout.ts';
import { isUnremarkable } from './env/unremarkable.ts';
import { InputFinder } from './inputs.ts';
import { didYouMean } from './nearest-name.ts';
import { Workspaces } from './packages/workspace.ts';
import { planService } from './plan-service.ts';
import type { PlannedService, Planning } from './planning.ts';
import { installSteps } from './steps/install-steps.ts';
import { type Chain, idsOf, linkSteps } from './steps/link.ts';
import { buildSteps, ignoreStep } from './steps/service-steps.ts';

export interface PlanOptions {
  /** In the order in which they are asked: the first that builds a runtime gets it. */
  readonly builders: readonly Builder[];
  /** Builders that do not come with svc, by the words with which `svc.json` names them, or why one cannot be had. */
  readonly plugins?: ReadonlyMap<string, Result<Builder>>;
  readonly sources: Sources;
  /** The caller's environment. Only names are used, and only for warnings. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of the services to plan; all when absent. */
  readonly filter?: readonly string[];
  /**
   * Gets the path of every file that the planner itself has read for the plan, relative to the boundary. Not in it: what
   * builders read, which are files that the service's steps see, and what is only searched for variables to warn of.
   */
  readonly reads?: Set<string>;
  /** Whether every step receives that variable of the caller, so that nothing need be said of it. */
  readonly isPassedAlways: (name: string) => boolean;
}

/**
 * Says what a build will do: for each service its framework, runtime, builder, entrypoint, inputs and environment, and all
 * steps with what they need. Reads the checkout; executes nothing, uses no network. The same sources give the same plan
 * on any machine at any time. All failures of all services at once.
 */
export async function planProject(project: Project, options: PlanOptions): Promise<Result<Plan>> {
  const { services, failures: unknown } = chosenServices(project, options.filter);
  const planning = prepare(project, options);
  const results = await Promise.all(services.map(service => planService(planning, service)));
  const failures = [...unknown, ...results.flatMap(result => (result.ok ? [] : result.failures))];
  // Planning that was cancelled ends without a plan and without failures.
  if (failures.length > 0 || results.some(result => !result.ok)) return failed(...failures);

  const planned = results.flatMap(result => (result.ok ? [result.value] : []));
  const chains = chainsOf(planned);
  return ok({
    version: 1,
    project: planning.prefix,
    services: planned.map(({ plan }, index) => ({ ...plan, steps: idsOf(chains[index] ?? NO_STEPS) })),
    steps: linkSteps(chains),
    warnings: distinct([...options.sources.warnings, ...planned.flatMap(({ warnings }) => warnings)]),
  });
}

const NO_STEPS: Chain = { ignore: undefined, install: undefined, build: [] };

export function prepare(project: Project, options: PlanOptions): Planning {
  const checkout = new Checkout(options.sources, options.reads);
  const prefix = relative(project.boundary, project.directory).split(sep).join('/') || '.';
  const isPassed = (name: string) => isUnremarkable(name) || options.isPassedAlways(name);
  const set = Object.entries(options.env).filter(([name, value]) => value !== undefined && !isPassed(name));
  return {
    project,
    prefix,
    checkout,
    workspaces: new Workspaces(checkout),
    inputs: new InputFinder(checkout, prefix),
    builders: options.builders,
    plugins: options.plugins ?? new Map(),
    callerVariables: new Set(set.map(([name]) => name)),
  };
}

function chosenServices(
  project: Project,
  filter: readonly string[] | undefined,
): { services: readonly ServiceConfig[]; failures: Failure[] } {
  if (!filter) return { services: project.services, failures: [] };
  const names = project.services.map(({ name }) => name);
  const failures = filter
    .filter(name => !names.includes(name))
    .map(name => ({
      code: 'unknown-service-filter' as const,
      message: `there is no service "${name}"`,
      help: didYouMean(name, names) ?? `The services are ${names.join(', ')}.`,
    }));
  return { services: project.services.filter(({ name }) => filter.includes(name)), failures };
}

function chainsOf(planned: readonly PlannedService[]): Chain[] {
  const installs = installSteps(planned.flatMap(({ install }) => (install ? [install] : [])));
  return planned.map(({ install, seed }) => ({
    ignore: ignoreStep(seed.service, seed.directory),
    install: install ? installs.get(install) : undefined,
    build: buildSteps(seed),
  }));
}

/** Services that share a workspace share its warnings. */
function distinct(warnings: readonly Notice[]): Notice[] {
  const seen = new Set<string>();
  return warnings.filter(warning => {
    const text = JSON.stringify(warning);
    return !seen.has(text) && seen.add(text);
  });
}
