import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  digestOf,
  fingerprint,
  type InputsOfService,
  type Inventory,
  type KeyParts,
  keyedHash,
  seenVariables,
  Views,
  variablesKey,
} from '@svc/cache';
import type { Json, Plan, Project, ServicePlan } from '@svc/contracts';
import { countedVariables } from '@svc/queue';
import type { Build } from '../build/plan.ts';
import { svcIdentity } from '../version.ts';
import { PLAIN_VARIABLES } from './circumstances.ts';
import { ownPrograms, Programs } from './programs.ts';

export interface ServiceKey {
  readonly name: string;
  readonly key: string;
  readonly parts: KeyParts;
  readonly inputs: InputsOfService;
}

export interface Keys {
  readonly services: ReadonlyMap<string, ServiceKey>;
  /** Absolute paths of programs and settings outside the project that the keys depend on. */
  readonly witnesses: readonly string[];
}

export interface KeyRequest {
  readonly build: Build;
  readonly inventory: Inventory;
  /** Variables of declared env files, by service. */
  readonly declared: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly signingKey: Buffer | null;
  /** Whether services of one workspace see each other's files: working copies that are real folders share them. */
  readonly sharesWorkspaces: boolean;
  /** What is known of services for which nothing has changed since the last build. */
  readonly known: KnownKeys | undefined;
}

export interface KnownKeys {
  readonly keys: ReadonlyMap<string, Pick<ServiceKey, 'key' | 'parts'>>;
  readonly witnesses: readonly string[];
}

/** Says for every service what its result follows from. */
export function keysOf(request: KeyRequest): Keys {
  const { build, declared, signingKey, known } = request;
  const { project, plan } = build;
  const { recalled } = build;
  const views =
    recalled?.sharesWorkspaces === request.sharesWorkspaces
      ? recalled.views
      : viewsOf({ ...request, ...build });
  const programs = new Programs(process.env.PATH);
  const own = ownPrograms();
  const svc = `${svcIdentity()} with ${own.identity}`;
  const platform = describePlatform();
  const witnesses = new Set([...own.witnesses, OS_RELEASE, ...(known?.witnesses ?? [])]);
  let key: Buffer | undefined | null = null;
  const hashingKey = () => {
    if (key === null) key = variablesKey(process.env, signingKey);
    return key;
  };
  const services = plan.services.map((service): readonly [string, ServiceKey] => {
    const inputs = views.of(service);
    const same = known?.keys.get(service.name);
    if (same) return [service.name, { name: service.name, ...same, inputs }];
    const steps = plan.steps.filter(step => service.steps.includes(step.id));
    const tools = programs.of(service, steps);
    for (const program of tools.values()) for (const path of program.witnesses) witnesses.add(path);
    const parts: KeyParts = {
      svc,
      builder: `${service.builder.name} ${service.builder.version}`,
      platform,
      plan: planFields(project, plan, service),
      tools: {
        node: process.version,
        ...Object.fromEntries([...tools].map(([name, { identity }]) => [name, identity])),
      },
      variables: variablesOf(service, declared[service.name] ?? {}, hashingKey),
      inputs: inputs.digest,
    };
    return [service.name, { name: service.name, key: fingerprint(parts), parts, inputs }];
  });
  return { services: new Map(services), witnesses: [...witnesses] };
}

export interface InputsByService {
  of(service: ServicePlan): InputsOfService;
}

/** What each service sees of the project; asked for again, it is not found out again. */
export function viewsOf({
  project,
  plan,
  inventory,
  sharesWorkspaces,
}: Pick<Build, 'project' | 'plan'> & Pick<KeyRequest, 'inventory' | 'sharesWorkspaces'>): InputsByService {
  const inProject = (path: string) => (plan.project === '.' ? path : `${plan.project}/${path}`);
  const roots = project.services.map(({ root }) => (root === '.' ? plan.project : inProject(root)));
  const neighbours = (service: ServicePlan) =>
    sharesWorkspaces && service.workspace !== null
      ? plan.services.filter(({ workspace }) => workspace === service.workspace)
      : [service];
  const of = (service: ServicePlan) => ({
    name: service.name,
    directory: service.directory,
    shown: neighbours(service).flatMap(({ inputs }) => inputs.roots),
    files: neighbours(service).flatMap(({ inputs }) => [...inputs.files, ...inputs.envFiles]),
  });
  // What the configuration means for a service is in its plan: a change elsewhere in the file is none of its business.
  const apart = new Set([...(project.configFile ? [project.configFile] : []), 'svc.json'].map(inProject));
  const all = new Views(inventory, roots, plan.services.map(of), apart);
  const known = new Map<string, InputsOfService>();
  return {
    of(service) {
      const inputs = known.get(service.name) ?? all.of(of(service));
      known.set(service.name, inputs);
      return inputs;
    },
  };
}

/** Parts of the plan that are for people, or that are counted elsewhere. */
const NOT_COUNTED = new Set(['name', 'detectedFrom', 'alsoMatched', 'builder', 'steps', 'inputs', 'env']);
/** Bindings exist at run time only; `declared` repeats the rest as it was written. */
const NOT_COUNTED_IN_CONFIG = new Set(['name', 'positions', 'declared', 'bindings', 'local']);

function planFields(project: Project, plan: Plan, service: ServicePlan): Record<string, string> {
  const config = project.services.find(({ name }) => name === service.name);
  const fields: Record<string, string> = {};
  const add = (name: string, value: Json) => {
    fields[name] = digestOf('svc plan field 1', value).slice(0, 32);
  };
  for (const [name, value] of Object.entries(config ?? {}))
    if (!NOT_COUNTED_IN_CONFIG.has(name) && value !== undefined)
      add(`"${name}" in the configuration`, value as Json);
  for (const [name, value] of Object.entries(service))
    if (!NOT_COUNTED.has(name)) add(`${name} in the plan`, value as Json);
  add('the order of the steps', [...service.steps]);
  for (const step of plan.steps.filter(({ id }) => service.steps.includes(id))) {
    const { id, label: _label, needs: _needs, services: _services, ...rest } = step;
    add(`the step ${id}`, rest as unknown as Json);
  }
  add('cleanUrls of the project', project.public.cleanUrls === true);
  add('the folders of the project', [plan.project]);
  return fields;
}

/** Variables of the caller and of declared files, in one list: which of the two a value comes from makes no difference. */
function variablesOf(
  service: ServicePlan,
  declared: Readonly<Record<string, string>>,
  key: () => Buffer | undefined,
): Record<string, string> {
  const wanted = countedVariables(service.env);
  const plain = PLAIN_VARIABLES.flatMap(name => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const names = wanted.names.filter(name => !PLAIN_VARIABLES.some(other => other === name));
  const fromFiles = Object.entries(declared).map(([name, value]) => {
    const known = key();
    return [name, known ? keyedHash(known, name, value) : `unknown ${process.hrtime.bigint()}`] as const;
  });
  return Object.fromEntries([
    ...plain,
    ...fromFiles,
    ...seenVariables(process.env, { ...wanted, names }, key),
  ]);
}

const OS_RELEASE = '/etc/os-release';

/** Operating system, processor and C library; the distribution's release decides the version of the latter. */
function describePlatform(): string {
  const release = existsSync(OS_RELEASE) ? readFileSync(OS_RELEASE, 'utf8') : '';
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(release)?.[1] ?? '';
  const musl = process.platform === 'linux' && existsSync(join('/etc', 'alpine-release')) ? ' musl' : '';
  return `${process.platform} ${process.arch}${musl} ${field('ID')} ${field('VERSION_ID')}`.trim();
}
