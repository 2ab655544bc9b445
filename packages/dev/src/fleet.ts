import { join } from 'node:path';
import type { Builder } from '@svc/builder-kit';
import { failed, ok, type Project, type Result, type ServiceConfig } from '@svc/contracts';
import { type DevelopedService, planDevelopment } from '@svc/planner';
import type { Decision, Router, RouterRequest } from '@svc/router';
import { type Host, RUN_VARIABLE, type RunFolder, type Tree } from '@svc/runtime';
import type { Sources } from '@svc/sources';
import { readEnvFile } from './dotenv.ts';
import type { EmitDev } from './events.ts';
import type { BindingDoors } from './routing/binding-doors.ts';
import { publishedFiles } from './routing/published-files.ts';
import { type SiteTables, siteTables } from './routing/site-tables.ts';
import { DevService, type Way } from './service/dev-service.ts';
import { binFolders, passedOn, serviceEnvironment } from './service/environment.ts';
import { Installs } from './service/installs.ts';
import type { DevPrograms } from './service/launch.ts';
import type { StepTools } from './service/steps.ts';

export interface FleetOptions {
  readonly builders: readonly Builder[];
  /** Builders that svc.json names, of a project. */
  readonly plugins: (project: Project) => Promise<NamedBuilders>;
  /** Tool name -> absolute path of its module. */
  readonly tools: Readonly<Record<string, string>>;
  readonly programs: DevPrograms;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly color: boolean;
  /** Names of the services to start; null for all. */
  readonly only: readonly string[] | null;
  readonly emit: EmitDev;
}

export interface NamedBuilders {
  /** By the words of svc.json for them. */
  readonly builders: ReadonlyMap<string, Result<Builder>>;
  /** Tool name -> absolute path of a module that Node loads before that tool. */
  readonly preloads: Readonly<Record<string, string>>;
}

/** What an edit of the configuration came to. */
export interface Applied {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly restarted: readonly string[];
  readonly routes: boolean;
}

/** All services of a project as it is now, and the tables that lead to them. */
export class Fleet {
  readonly services = new Map<string, DevService>();
  project: Project;
  /** Where the project answers, once its port is open. */
  ownHosts: readonly string[] = [];
  private plans: ReadonlyMap<string, Result<DevelopedService>> = new Map();
  private tables: SiteTables | undefined;
  private tools: StepTools = { modules: {}, preloads: {} };
  private readonly stopping = new AbortController();
  private readonly installs: Installs;
  private readonly toldConflicts = new Set<string>();

  constructor(
    project: Project,
    private sources: Sources,
    private readonly folder: RunFolder,
    private readonly options: FleetOptions,
    private readonly doors: () => BindingDoors,
  ) {
    this.project = project;
    const { env, emit } = options;
    this.installs = new Installs({
      boundary: project.boundary,
      folder: join(project.directory, '.svc', 'dev', 'installs'),
      sources: () => this.sources,
      env: directory => installEnvironment(project.boundary, directory, env),
      mark: { [RUN_VARIABLE]: folder.run },
      onLine: (stream, line) => emit({ type: 'service.output', service: null, stream, line }),
      signal: this.stopping.signal,
    });
  }

  get router(): Router {
    if (!this.tables) throw new Error('nothing was routed yet');
    return this.tables.router;
  }

  /**
   * The router's decision, but for the root of a Vite site that a rewrite has put below a prefix: Vite answers at its `base`
   * (`/board/`), and not at `/board`, where a deployment has the page.
   */
  decide(request: RouterRequest): Decision {
    const decision = this.router.decide(request);
    if (decision.type !== 'function' || decision.service === null || decision.matchedPath !== '/')
      return decision;
    if (this.developed(decision.service)?.framework !== 'vite') return decision;
    const { path, rest } = /^(?<path>[^?]*)(?<rest>.*)$/s.exec(decision.target)?.groups ?? {};
    if (path === undefined || path.endsWith('/') || path.endsWith('.html')) return decision;
    return { ...decision, target: `${path}/${rest ?? ''}` };
  }

  tree(service: string | null): Tree {
    const tree = this.tables?.trees.get(service);
    if (!tree) throw new Error(`the router chose the service ${service}, which is not there`);
    return tree;
  }

  host(service: string | null): Host {
    const host = this.services.get(service ?? '');
    if (!host) throw new Error(`the router chose the service ${service}, which is not there`);
    return host;
  }

  developed(name: string): DevelopedService | undefined {
    const plan = this.plans.get(name);
    return plan?.ok ? plan.value : undefined;
  }

  /**
   * Takes up a project: plans every service, starts those that are new or run in another way now, stops those that are gone.
   * Fails, and changes nothing, when its routes cannot be matched.
   *
   * @param beforeStart called when requests can be decided and before anything starts; what it fails with is the result.
   */
  async apply(
    project: Project,
    sources: Sources,
    beforeStart?: () => Promise<Result<void>>,
  ): Promise<Result<Applied>> {
    const { builders, env } = this.options;
    const plugins = await this.options.plugins(project);
    const plans = await planDevelopment(project, {
      builders,
      plugins: plugins.builders,
      sources,
      env,
      isPassedAlways: () => true,
      state: service => this.stateOf(project, service),
    });
    const before = this.project;
    const known = siteTables(project, await this.routedServices(project, plans), env);
    if (!known.ok) return known;
    this.project = project;
    this.sources = sources;
    this.plans = plans;
    this.tools = toolsOf(this.options.tools, plugins);
    const added = this.addMissing(project);
    this.tables = known.value;
    await this.doors().match(project);
    const removed = [...this.services.keys()].filter(
      name => !project.services.some(service => service.name === name),
    );
    await Promise.all(removed.map(name => this.remove(name)));
    const begun = await beforeStart?.();
    if (begun?.ok === false) return begun;
    const restarted: string[] = [];
    for (const service of project.services) {
      const isStarted = await this.applyService(service);
      if (isStarted && !added.includes(service.name)) restarted.push(service.name);
    }
    await this.route();
    return ok({ added, removed, restarted, routes: routesOf(before) !== routesOf(project) });
  }

  /** Makes the tables anew: files came or went, or a service of files has become ready. */
  async route(): Promise<void> {
    const services = await this.routedServices(this.project, this.plans);
    const tables = siteTables(this.project, services, this.options.env);
    if (tables.ok) this.tables = tables.value;
  }

  isInstalling(name: string): boolean {
    const install = this.developed(name)?.install;
    return install ? this.installs.isRunning(install) : false;
  }

  isOutdated(name: string): Promise<boolean> {
    const install = this.developed(name)?.install;
    return install ? this.installs.isOutdated(install) : Promise.resolve(false);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([...this.services.values()].map(service => service.stop()));
  }

  private addMissing({ services }: Project): string[] {
    const { only } = this.options;
    const names = services.map(({ name }) => name).filter(name => !this.services.has(name));
    for (const name of names) {
      const service = this.create(name);
      if (only && !only.includes(name)) service.leaveOut();
      this.services.set(name, service);
    }
    return names;
  }

  private async applyService(service: ServiceConfig): Promise<boolean> {
    const running = this.services.get(service.name);
    if (!running || running.state === 'off') return false;
    return running.apply(await this.wayOf(service));
  }

  private create(name: string): DevService {
    const { programs, emit } = this.options;
    return new DevService({
      name,
      boundary: this.project.boundary,
      state: this.stateOf(this.project, name),
      folder: this.folder,
      programs,
      tools: () => this.tools,
      installs: this.installs,
      ownHosts: () => this.ownHosts,
      emit,
      onTurn: () => {
        const serve = this.developed(name)?.development.serve;
        if (serve?.type === 'files') void this.route();
      },
    });
  }

  private async remove(name: string): Promise<void> {
    await this.services.get(name)?.stop();
    this.services.delete(name);
  }

  private async wayOf(service: ServiceConfig): Promise<Result<Way>> {
    const plan = this.plans.get(service.name);
    if (!plan) throw new Error(`${service.name} was not planned`);
    if (!plan.ok) return plan;
    const { boundary, directory } = this.project;
    const { env, color } = this.options;
    const declared = await Promise.all(plan.value.envFiles.map(file => readEnvFile(join(boundary, file))));
    const missing = plan.value.envFiles.filter((_, index) => declared[index] === undefined);
    if (missing.length > 0) return failed(...missing.map(file => noEnvFile(service.name, file)));
    const dotenv = (await readEnvFile(join(directory, '.env'))) ?? {};
    const own = Object.assign({}, ...declared) as Record<string, string>;
    const bindings = this.bindingsOf(service, { ...dotenv, ...own, ...passedOn(env) });
    const sources = { boundary, caller: env, dotenv, declared: own, bindings, color };
    const given = { ...dotenv, ...own, ...plan.value.development.env, ...bindings };
    return ok({ developed: plan.value, env: serviceEnvironment(plan.value, sources), given, bindings });
  }

  /**
   * A binding wins over a variable of the same name. Only a target that is left out by `--only` may be reached where the user
   * says: it may well run elsewhere.
   */
  private bindingsOf(service: ServiceConfig, user: Readonly<Record<string, string>>): Record<string, string> {
    const { only } = this.options;
    const variables = this.doors().variables(service);
    for (const { env, service: target } of service.bindings) {
      if (user[env] === undefined) continue;
      if (only && !only.includes(target)) delete variables[env];
      else this.tellConflict(service.name, env);
    }
    return variables;
  }

  private tellConflict(service: string, env: string): void {
    const message = `${env} is set in your environment and by a binding of ${service}; the binding's value is used`;
    if (this.toldConflicts.has(message)) return;
    this.toldConflicts.add(message);
    this.options.emit({ type: 'problem', service, message });
  }

  private routedServices(project: Project, plans: ReadonlyMap<string, Result<DevelopedService>>) {
    return Promise.all(
      project.services.map(async ({ name, routes }) => {
        const plan = plans.get(name);
        const developed = plan?.ok ? plan.value : undefined;
        const state = this.services.get(name)?.state;
        // What nobody has to make first is there from the beginning.
        const isThere = state === 'ready' || developed?.development.prepare.length === 0;
        const files =
          developed && isThere && state !== 'off' ? await publishedFiles(project.boundary, developed) : null;
        return { name, routes, developed, files };
      }),
    );
  }

  private stateOf({ directory }: Project, service: string): string {
    return join(directory, '.svc', 'dev', service);
  }
}

function toolsOf(own: FleetOptions['tools'], { builders, preloads }: NamedBuilders): StepTools {
  const named = [...builders.values()].flatMap(builder =>
    builder.ok ? Object.entries(builder.value.tools) : [],
  );
  return { modules: { ...own, ...Object.fromEntries(named) }, preloads };
}

/** `NODE_ENV=production` would leave out what development needs. */
function installEnvironment(
  boundary: string,
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const { NODE_ENV: _, ...passed } = passedOn(env);
  return { ...passed, PATH: [...binFolders(boundary, directory), passed.PATH ?? ''].join(':') };
}

function noEnvFile(service: string, file: string) {
  return {
    code: 'config-invalid-env-file' as const,
    service,
    message: `the env file ${file} is not there or cannot be read`,
    help: 'svc.json names it; the path is relative to the project.',
  };
}

function routesOf({ public: { routes }, services }: Project): string {
  return JSON.stringify([routes, services.map(service => service.routes)]);
}
