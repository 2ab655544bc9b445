import { relative } from 'node:path';
import type { Plan, Project, ServicePlan, Step } from '@svc/contracts';
import type { Sources } from '@svc/sources';
import { contains, joinPath } from './paths.ts';
import { composedFolders, type Ground, type Rules } from './visibility.ts';

/** What all working copies of a run have in common. `target` is the absolute path of the deployment directory. */
export async function findGround(
  project: Project,
  plan: Plan,
  sources: Sources,
  target: string,
): Promise<Ground> {
  const own = ['.svc', '.vercel'].map(name => joinPath(plan.project, name));
  const output = relative(project.boundary, target);
  const reserved =
    output.startsWith('..') || own.some(folder => contains(folder, output)) ? own : [...own, output];
  const declared = plan.services.flatMap(({ inputs }) => [
    ...inputs.roots,
    ...inputs.files,
    ...inputs.envFiles,
  ]);
  const ignored = (await sources.ignored())
    .map(path => path.replace(/\/$/, ''))
    // The repository itself is shown: builds ask it for the commit they are built from.
    .filter(
      path => path !== '.git' && !declared.includes(path) && !reserved.some(folder => contains(folder, path)),
    );
  const roots = allRoots(project, plan).map(({ directory }) => directory);
  const outside = plan.services.flatMap(({ directory, inputs }) =>
    [...inputs.roots, ...inputs.files].filter(path => !contains(directory, path)),
  );
  return {
    boundary: project.boundary,
    reserved,
    ignored: new Set(ignored),
    composed: composedFolders([...reserved, ...roots, ...outside]),
  };
}

/** A service's own folder, what it depends on, and what belongs to nobody. */
export function serviceRules(service: ServicePlan, project: Project, plan: Plan): Rules {
  const hidden = allRoots(project, plan)
    .filter(other => other.name !== service.name && !contains(service.directory, other.directory))
    .map(other => other.directory);
  return {
    shown: service.inputs.roots,
    hidden,
    files: [...service.inputs.files, ...service.inputs.envFiles],
  };
}

/**
 * An install sees all services that it installs for. A service of the same workspace that this run leaves out is shown as
 * well: package managers want all members' manifests.
 */
export function installRules(step: Step, project: Project, plan: Plan): Rules {
  const own = plan.services.filter(service => step.services.includes(service.name));
  const planned = new Set(plan.services.map(service => service.name));
  const absent = allRoots(project, plan).filter(
    ({ name, directory }) => !planned.has(name) && contains(step.cwd, directory),
  );
  const shown = [
    ...own.flatMap(service => service.inputs.roots),
    ...absent.map(({ directory }) => directory),
  ];
  const hidden = allRoots(project, plan)
    .map(({ directory }) => directory)
    .filter(directory => !shown.some(root => contains(root, directory)));
  return {
    shown,
    hidden,
    files: own.flatMap(service => [...service.inputs.files, ...service.inputs.envFiles]),
  };
}

function allRoots(project: Project, plan: Plan): { name: string; directory: string }[] {
  return project.services.map(({ name, root }) => ({
    name,
    directory: root === '.' ? plan.project : joinPath(plan.project, root),
  }));
}
