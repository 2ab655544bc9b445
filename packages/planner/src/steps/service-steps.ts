import type { StepDraft } from '@svc/builder-kit';
import type { ServiceConfig, Step } from '@svc/contracts';
import type { DependencyBuild } from '../packages/dependency-builds.ts';
import { composeScript, type Script, type ScriptRunner, throughYarn } from '../packages/scripts.ts';
import { join } from '../paths.ts';

type Unlinked = Omit<Step, 'needs'>;

/** What one service's own steps are made of. */
export interface StepSeed {
  readonly service: ServiceConfig;
  readonly directory: string;
  readonly drafts: readonly StepDraft[];
  readonly dependencyBuilds: readonly DependencyBuild[];
  readonly runner: ScriptRunner | null;
  /** The scripts that the builder was given, by their line: a draft that uses one gets the script's variables. */
  readonly scripts: ReadonlyMap<string, Script>;
  /** Folders to keep between runs, relative to the boundary. */
  readonly caches: readonly string[];
  /** Where the service's sources lie, relative to its root: what holds one is never emptied. */
  readonly holdsInputs: (path: string) => boolean;
}

/** `ignoreCommand` as a step: it decides whether the others run at all. */
export function ignoreStep(service: ServiceConfig, directory: string): Unlinked | undefined {
  const line = service.ignoreCommand;
  if (line === undefined) return undefined;
  return {
    id: `${service.name}:ignore`,
    kind: 'ignore',
    service: service.name,
    label: line,
    command: { type: 'shell', line },
    cwd: directory,
    env: {},
    network: false,
    outputs: [],
    caches: [],
    services: [service.name],
  };
}

/** The builds of the workspace packages that the service needs, then what its builder wants done. In order. */
export function buildSteps(seed: StepSeed): Unlinked[] {
  const own = seed.drafts.map(draft => fromDraft(seed, draft));
  return withDistinctIds([...dependencySteps(seed), ...own]);
}

/** The builds of the workspace packages that the service needs. */
export function dependencySteps(seed: StepSeed): Unlinked[] {
  return seed.dependencyBuilds.flatMap(build => fromDependency(seed, build));
}

function fromDependency(seed: StepSeed, { package: dependency, outputs }: DependencyBuild): Unlinked[] {
  if (!seed.runner) return [];
  const script = composeScript(dependency.json, 'build', seed.runner);
  if (!script) return [];
  const { name } = seed.service;
  const shown = dependency.name ?? dependency.folder;
  return [
    {
      id: `${name}:build:${shown}`,
      kind: 'build',
      service: name,
      label: `${script.label} (${shown})`,
      command: { type: 'shell', line: script.line },
      cwd: dependency.folder,
      env: script.env,
      network: false,
      outputs,
      caches: [join(dependency.folder, 'node_modules/.cache')],
      services: [name],
    },
  ];
}

function fromDraft(seed: StepSeed, draft: StepDraft): Unlinked {
  const { service, directory, caches } = seed;
  const script = draft.command.type === 'shell' ? seed.scripts.get(draft.command.line) : undefined;
  const outputs = (draft.outputs ?? [])
    .filter(path => !seed.holdsInputs(path))
    .map(path => join(directory, path));
  return {
    id: `${service.name}:${draft.kind}`,
    kind: draft.kind,
    service: service.name,
    label: draft.label,
    command: script || !seed.runner?.plugAndPlay ? draft.command : underYarn(draft.command),
    cwd: directory,
    env: { ...script?.env, ...draft.env },
    network: draft.network ?? false,
    outputs,
    caches: caches.filter(cache => !outputs.includes(cache)),
    services: [service.name],
  };
}

function underYarn(command: StepDraft['command']): StepDraft['command'] {
  if (command.type !== 'shell' || /^\s*yarn\b/.test(command.line)) return command;
  return { type: 'shell', line: throughYarn(command.line) };
}

function withDistinctIds(steps: readonly Unlinked[]): Unlinked[] {
  const times = new Map<string, number>();
  return steps.map(step => {
    const count = (times.get(step.id) ?? 0) + 1;
    times.set(step.id, count);
    return count === 1 ? step : { ...step, id: `${step.id}:${count}` };
  });
}
