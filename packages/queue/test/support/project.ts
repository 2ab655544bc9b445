import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Plan, Project, ServiceConfig, ServicePlan, Step, SvcEvent } from '@svc/contracts';
import { ok } from '@svc/contracts';
import { openSources } from '@svc/sources';
import { afterEach } from 'vitest';
import { type IsolationLevel, type RunResult, runPlan } from '../../src/index.ts';

/** What a test says of a service; everything else is as for a plain folder. */
export interface TestService {
  readonly root: string;
  readonly build?: string;
  readonly install?: string;
  readonly ignore?: string;
  /** Services with the same workspace share one install step, `install:<workspace>`. */
  readonly workspace?: string;
  readonly inputs?: Partial<ServicePlan['inputs']>;
  readonly env?: Partial<ServicePlan['env']>;
  readonly caches?: readonly string[];
}

export interface TestRun {
  readonly isolation?: IsolationLevel;
  readonly caller?: Readonly<Record<string, string>>;
  readonly declared?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly concurrency?: number;
  readonly selected?: readonly string[];
  readonly previous?: readonly string[];
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: SvcEvent) => void;
  /** Called with each service's output folder when its steps have succeeded. */
  readonly finish?: Parameters<typeof runPlan>[0]['finish'];
}

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
});

export class TestProject {
  readonly services: Readonly<Record<string, TestService>>;
  readonly directory: string;

  private constructor(directory: string, services: Readonly<Record<string, TestService>>) {
    this.directory = directory;
    this.services = services;
  }

  static async make(
    services: Readonly<Record<string, TestService>>,
    files: Readonly<Record<string, string>>,
  ): Promise<TestProject> {
    const directory = await mkdtemp(join(tmpdir(), 'svc-queue-'));
    folders.push(directory);
    const project = new TestProject(directory, services);
    for (const [path, content] of Object.entries(files)) await project.write(path, content);
    return project;
  }

  async write(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(this.directory, path)), { recursive: true });
    await writeFile(join(this.directory, path), content);
  }

  /** Makes it a git repository with everything committed but what `.gitignore` says. */
  commit(): void {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        cwd: this.directory,
      });
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'all');
  }

  plan(): Plan {
    const steps: Step[] = [];
    const services = Object.entries(this.services).map(([name, service]) =>
      servicePlan(name, service, this.services, steps),
    );
    return { version: 1, project: '.', services, steps, warnings: [] };
  }

  async run(
    options: TestRun = {},
  ): Promise<{ result: RunResult; events: SvcEvent[]; lines(step: string): string[] }> {
    const events: SvcEvent[] = [];
    const plan = this.plan();
    const result = await runPlan({
      project: this.project(),
      plan,
      sources: await openSources(this.directory),
      caller: { PATH: process.env.PATH ?? '', ...options.caller },
      declared: options.declared ?? {},
      concurrency: options.concurrency ?? 2,
      isolation: options.isolation ?? 'auto',
      force: options.force ?? false,
      tools: { modules: {}, folders: [] },
      target: join(this.directory, '.vercel', 'output'),
      selected: options.selected ?? Object.keys(this.services),
      hasPrevious: service => (options.previous ?? []).includes(service),
      finish: options.finish ?? (async () => ok(undefined)),
      emit: event => {
        events.push(event);
        options.onEvent?.(event);
      },
      signal: options.signal ?? new AbortController().signal,
    });
    if (!result.ok) throw new Error(JSON.stringify(result.failures));
    await result.value.cleanUp();
    const lines = (step: string) =>
      events.flatMap(event => (event.type === 'step.output' && event.step === step ? [event.line] : []));
    return { result: result.value, events, lines };
  }

  project(): Project {
    const services: ServiceConfig[] = Object.entries(this.services).map(([name, { root }]) => ({
      name,
      root,
      bindings: [],
      functions: {},
      routes: [],
      local: { env: [], envFiles: [], inputs: [] },
      declared: { root },
      positions: {},
    }));
    return {
      version: 1,
      directory: this.directory,
      boundary: this.directory,
      kind: 'services',
      services,
      public: { routes: [], rules: [], crons: [] },
      warnings: [],
    };
  }
}

function servicePlan(
  name: string,
  service: TestService,
  all: Readonly<Record<string, TestService>>,
  steps: Step[],
): ServicePlan {
  const own: string[] = [];
  const add = (step: Partial<Step> & Pick<Step, 'id' | 'kind' | 'label'>) => {
    const needs = own.slice(-1);
    own.push(step.id);
    if (steps.some(({ id }) => id === step.id)) return;
    steps.push({
      service: name,
      command: { type: 'shell', line: step.label },
      cwd: service.root,
      env: {},
      network: false,
      outputs: [],
      caches: [],
      needs,
      services: [name],
      ...step,
    });
  };
  if (service.ignore) add({ id: `${name}:ignore`, kind: 'ignore', label: service.ignore });
  if (service.install) {
    const { workspace } = service;
    const sharing = Object.entries(all).filter(
      ([, other]) => workspace !== undefined && other.workspace === workspace,
    );
    const shared = {
      id: `install:${workspace}`,
      service: null,
      cwd: workspace ?? '.',
      services: sharing.map(([other]) => other),
    };
    add({
      id: `${name}:install`,
      kind: 'install',
      label: service.install,
      network: true,
      ...(workspace !== undefined && shared),
    });
  }
  if (service.build)
    add({ id: `${name}:build`, kind: 'build', label: service.build, caches: service.caches ?? [] });
  return {
    name,
    root: service.root,
    directory: service.root,
    framework: null,
    detectedFrom: 'test',
    alsoMatched: [],
    runtime: null,
    builder: { name: 'test', version: '1' },
    entrypoint: null,
    handler: null,
    packageManager: null,
    workspace: service.workspace ?? null,
    steps: own,
    inputs: { roots: [service.root], files: [], envFiles: [], count: 0, ...service.inputs },
    env: { names: [], prefixes: [], files: [], ...service.env },
    outputDirectory: null,
    builderData: {},
  };
}
