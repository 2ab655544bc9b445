import { join, resolve } from 'node:path';
import type { EngineChoice } from '@svc/builder-container';
import type { Builder } from '@svc/builder-kit';
import { loadProject } from '@svc/config';
import { type Failure, failed, ok, type Plan, type Project, type Result } from '@svc/contracts';
import { loadFrameworks, planProject } from '@svc/planner';
import type { LoadedPlugins } from '@svc/plugins';
import { isPassedAlways } from '@svc/queue';
import type { Sources } from '@svc/sources';
import { namedBuilders, ownBuilders } from '../builders.ts';
import type { InputsByService } from '../cache/keys.ts';
import { nearestName } from '../nearest-name.ts';
import type { Session } from '../session.ts';
import { ANY_ENGINE } from './containers.ts';
import type { OpenedProject } from './open.ts';

export interface Build {
  readonly project: Project;
  readonly plan: Plan;
  readonly sources: Sources;
  readonly builders: readonly Builder[];
  readonly plugins: LoadedPlugins;
  /** Absolute path of the deployment directory. */
  readonly target: string;
  readonly selected: readonly string[];
  /** Files that the planner has read for the plan, relative to the boundary. */
  readonly reads: ReadonlySet<string>;
  /** Where the last build's plan was taken over. */
  readonly recalled?: {
    /** Services that see a file which has changed since. */
    readonly affected: ReadonlySet<string>;
    readonly views: InputsByService;
    /** As it was then. */
    readonly sharesWorkspaces: boolean;
    /** Whether there is nothing to write down anew. */
    readonly isSame: boolean;
  };
}

/** From a folder to a plan: reads the configuration, plans every service. */
export async function planBuild(
  opened: OpenedProject,
  options: {
    readonly output?: string | undefined;
    readonly filter?: readonly string[] | null;
    readonly containers?: EngineChoice;
  },
  session: Session,
): Promise<Result<Build>> {
  // Needed for every service whose framework is not pinned, and git is still at work.
  loadFrameworks().catch(() => undefined);
  const project = await loadProject(opened.directory, { env: process.env });
  if (!project.ok) return project;
  for (const notice of project.value.warnings) session.emit({ type: 'warning', notice });
  const selected = selectServices(project.value, options.filter ?? null);
  if (!selected.ok) return selected;

  const sources = await opened.sources;
  const builders = ownBuilders(options.containers ?? ANY_ENGINE);
  const plugins = await namedBuilders(project.value, builders, session);
  const reads = new Set<string>();
  const plan = await planProject(project.value, {
    builders,
    plugins: plugins.builders,
    sources,
    env: process.env,
    reads,
    isPassedAlways,
  });
  if (!plan.ok) return plan;
  for (const notice of plan.value.warnings) session.emit({ type: 'warning', notice });

  const target = options.output
    ? resolve(options.output)
    : join(project.value.directory, '.vercel', 'output');
  return ok({
    project: project.value,
    plan: plan.value,
    sources,
    builders: [...builders, ...[...plugins.builders.values()].flatMap(each => (each.ok ? [each.value] : []))],
    plugins,
    target,
    selected: selected.value,
    reads,
  });
}

function selectServices(project: Project, filter: readonly string[] | null): Result<readonly string[]> {
  const names = project.services.map(service => service.name);
  if (!filter) return ok(names);
  const unknown = filter.filter(name => !names.includes(name));
  if (unknown.length > 0) return failed(...unknown.map(name => unknownService(name, names)));
  return ok(names.filter(name => filter.includes(name)));
}

function unknownService(name: string, names: readonly string[]): Failure {
  const near = nearestName(name, names);
  return {
    code: 'unknown-service-filter',
    message: `there is no service "${name}"`,
    help: near ? `Did you mean "${near}"?` : `The services are: ${names.join(', ')}.`,
  };
}
