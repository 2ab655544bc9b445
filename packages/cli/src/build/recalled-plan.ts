import type { Notice, Plan, ServicePlan, Step } from '@svc/contracts';
import { planProject } from '@svc/planner';
import { isPassedAlways } from '@svc/queue';
import { knownSources } from '@svc/sources';
import { NO_PLUGINS, ownBuilders } from '../builders.ts';
import { type InputsByService, viewsOf } from '../cache/keys.ts';
import type { Recalled } from '../cache/recall.ts';
import type { Session } from '../session.ts';
import type { BuildOptions } from './options.ts';
import type { Build } from './plan.ts';

/**
 * The last build's plan as this build's. Services that see a changed file are planned again, because their builders may
 * have read it; undefined when that gives another plan, or none: then everything is planned anew, and that tells the user.
 */
export async function planRecalled(
  recalled: Recalled,
  options: BuildOptions,
  session: Session,
): Promise<Build | undefined> {
  const { project, plan, listing, reads } = recalled.plan;
  const unlisted = new Set(listing.unlisted);
  const sources = knownSources({
    boundary: project.boundary,
    listed: [...recalled.inventory.files.keys()].filter(path => !unlisted.has(path)),
    ignored: listing.ignored,
    openIgnored: listing.openIgnored,
  });
  const builders = ownBuilders(options.containers);
  const { inventory, plan: known } = recalled;
  const views = viewsOf({ ...known, inventory });
  const affected = affectedServices(recalled, views);
  const allReads = new Set(reads);
  let warnings: readonly Notice[] = plan.warnings;
  if (affected.size > 0) {
    const again = await planProject(project, {
      builders,
      sources,
      env: process.env,
      reads: allReads,
      filter: [...affected],
      isPassedAlways,
    });
    if (!again.ok || !isPartOf(plan, again.value)) return undefined;
    const isNew = ({ service }: Notice) => service !== undefined && affected.has(service);
    warnings = [...plan.warnings.filter(notice => !isNew(notice)), ...again.value.warnings.filter(isNew)];
  }
  for (const notice of [...project.warnings, ...warnings]) session.emit({ type: 'warning', notice });
  return {
    project,
    plan: { ...plan, warnings },
    sources,
    builders,
    plugins: NO_PLUGINS,
    target: recalled.last.header.target,
    selected: project.services.map(({ name }) => name),
    reads: allReads,
    recalled: {
      affected,
      views,
      sharesWorkspaces: known.sharesWorkspaces,
      isSame: allReads.size === reads.length && areEqual(warnings, plan.warnings),
    },
  };
}

/** Services whose steps see one of the changed files. */
function affectedServices({ changed, plan: { plan } }: Recalled, views: InputsByService): Set<string> {
  const isAffected = (service: ServicePlan) => changed.some(path => views.of(service).sees(path));
  return new Set(plan.services.filter(isAffected).map(({ name }) => name));
}

/** Whether a plan of some services says of them what the whole plan does. Both are plain JSON from the same program. */
function isPartOf(whole: Plan, part: Plan): boolean {
  const services = new Map(whole.services.map(service => [service.name, service]));
  const steps = new Map(whole.steps.map(step => [step.id, step]));
  return (
    part.services.every(service => areEqual(service, services.get(service.name))) &&
    part.steps.every(step => areEqual(ownPart(step), ownPart(steps.get(step.id))))
  );
}

/** A shared install runs for more services than were planned again. */
function ownPart(step: Step | undefined) {
  if (!step) return undefined;
  const { services: _, ...rest } = step;
  return rest;
}

function areEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
