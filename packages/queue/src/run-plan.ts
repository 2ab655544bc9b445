import { join } from 'node:path';
import type { Emit, Failure, Plan, Project, Result, ServicePlan, Step, WorkingView } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import type { Sources } from '@svc/sources';
import PQueue from 'p-queue';
import { copyFolders, discardOthers, Trash } from './folders.ts';
import { findGround, installRules, serviceRules } from './ground.ts';
import { chooseMechanism, type IsolationLevel, type Mechanism } from './isolation/choose.ts';
import type { Isolation, WorkingCopy } from './isolation/isolation.ts';
import { openIsolation } from './isolation/open.ts';
import { measureTree } from './measure.ts';
import { runStep, type StepContext, type StepEnd, type ToolPrograms } from './run-step.ts';
import { readStamp, removeStamp, type Stamp, writeStamp } from './stamp.ts';
import { readTimings, remainingTimes, writeTimings } from './timings.ts';

export interface RunRequest {
  readonly project: Project;
  readonly plan: Plan;
  readonly sources: Sources;
  /** The caller's environment. */
  readonly caller: Readonly<Record<string, string | undefined>>;
  /** Variables of declared env files, by service. */
  readonly declared: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How many steps run at a time. */
  readonly concurrency: number;
  readonly isolation: IsolationLevel;
  /** What `chooseMechanism` said for that level, when it was asked ahead of the plan. */
  readonly mechanism?: Promise<Result<Mechanism>> | undefined;
  /** Run installs even where the last one is still right. */
  readonly force: boolean;
  readonly tools: ToolPrograms;
  /** Absolute path of the deployment directory: steps do not see it. */
  readonly target: string;
  /** Services to build; the others keep their last output. */
  readonly selected: readonly string[];
  /** Services among the selected that need not be built, because a result is there. */
  readonly reused?: ReadonlyMap<string, Reused> | undefined;
  /** Whether a service has an output from an earlier run that can be kept. */
  hasPrevious(service: string): boolean;
  /** Turns what a service's steps left into its finished tree at `output`. */
  finish(service: ServicePlan, view: WorkingView, output: string): Promise<Result<unknown>>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** A result that stands for building a service. */
export interface Reused {
  /** `output`: it is in the deployment already; else the cache that it came from. */
  readonly from: string;
  readonly key: string;
  /** Of what is in the deployment: every file, and the manifest that lists them, is as it was put there. */
  readonly isIntact?: true;
  /** Absolute path of the finished tree; absent for what is in the deployment. */
  readonly output?: string;
  readonly size: number;
}

export interface ServiceResult {
  readonly name: string;
  readonly state: 'built' | 'kept' | 'restored' | 'failed' | 'cancelled';
  /** Absolute path of the finished tree, for a service that was built or restored. */
  readonly output?: string;
  readonly failures: readonly Failure[];
  readonly duration: number;
  readonly size: number;
}

export interface RunResult {
  readonly services: readonly ServiceResult[];
  readonly timings: Readonly<Record<string, number>>;
  readonly unpromised: readonly string[];
  /** Deletes what the run has moved out of the way. May be waited for after the user has their answer. */
  cleanUp(): Promise<void>;
}

/**
 * Runs a plan: every step as soon as those it needs have succeeded and a place is free, the longest first. One service's
 * failure stops nothing but the steps behind it.
 */
export async function runPlan(request: RunRequest): Promise<Result<RunResult>> {
  const { project, plan, emit } = request;
  const missing = plan.services.filter(
    service => !request.selected.includes(service.name) && !request.hasPrevious(service.name),
  );
  if (missing.length > 0) return failed(...missing.map(nothingToKeep));
  const isBuilt = (name: string) => request.selected.includes(name) && !request.reused?.has(name);
  const steps = plan.steps.filter(step => step.services.some(isBuilt));
  const state = join(project.directory, '.svc');
  if (!plan.services.some(({ name }) => isBuilt(name))) return reuseAll(request, join(state, 'trash'));
  const work = join(state, 'work');
  const [mechanism, ground] = await Promise.all([
    request.mechanism ?? chooseMechanism(request.isolation, work),
    findGround(project, plan, request.sources, request.target),
  ]);
  if (!mechanism.ok) return mechanism;
  const trash = new Trash(join(state, 'trash'));
  const isolation = await openIsolation(mechanism.value, { ground, work }, request.sources, trash);
  emit({
    type: 'run.started',
    services: request.selected,
    steps: steps.length,
    concurrency: request.concurrency,
    isolation: isolation.name,
  });
  const timingsFile = join(state, 'timings.json');
  const run = new Run(request, isolation, work, steps, remainingTimes(steps, await readTimings(timingsFile)));
  const services = await run.all();
  await writeTimings(timingsFile, { ...(await readTimings(timingsFile)), ...run.timings });
  return ok({
    services,
    timings: run.timings,
    unpromised: isolation.unpromised,
    cleanUp: async () => {
      await discardOthers(
        work,
        [...plan.services.map(({ name }) => name), ...plan.steps.map(({ id }) => id)],
        trash,
      );
      await isolation.close();
      await trash.settled();
    },
  });
}

/** Nothing runs, so nothing is isolated. */
async function reuseAll(request: RunRequest, trash: string): Promise<Result<RunResult>> {
  const { selected, concurrency, isolation, emit, plan } = request;
  emit({ type: 'run.started', services: selected, steps: 0, concurrency, isolation });
  return ok({
    services: plan.services.map(({ name }) => keptOrRestored(request, name)),
    timings: {},
    unpromised: [],
    cleanUp: () => new Trash(trash).settled(),
  });
}

/** The result of a service that this run does not build. */
function keptOrRestored({ reused, selected, emit }: RunRequest, name: string): ServiceResult {
  const result = { name, failures: [], duration: 0 };
  const found = reused?.get(name);
  if (!selected.includes(name) || !found) {
    emit({ type: 'service.kept', service: name, reason: 'not selected' });
    return { ...result, size: 0, state: 'kept' };
  }
  const { from, key, output, size } = found;
  emit({ type: 'cache.hit', service: name, from, key, size });
  if (output !== undefined) return { ...result, size, state: 'restored', output };
  emit({ type: 'service.kept', service: name, reason: 'nothing has changed' });
  return { ...result, size, state: 'kept' };
}

function nothingToKeep(service: ServicePlan): Failure {
  return {
    code: 'nothing-to-keep',
    service: service.name,
    message: `service "${service.name}" was not selected, and there is no earlier output of it to keep`,
    help: 'Build all services once, without --filter.',
  };
}

type Outcome = { readonly ok: true } | { readonly ok: false; readonly failures: readonly Failure[] };

class Run {
  readonly timings: Record<string, number> = {};
  readonly #queue: PQueue;
  readonly #copies = new Map<string, Promise<WorkingCopy>>();
  readonly #outcomes = new Map<string, Promise<Outcome>>();
  readonly #skipped = new Set<string>();
  readonly #started = new Map<string, number>();
  readonly #context: StepContext;

  constructor(
    private readonly request: RunRequest,
    private readonly isolation: Isolation,
    private readonly work: string,
    private readonly steps: readonly Step[],
    private readonly priorities: ReadonlyMap<string, number>,
  ) {
    this.#queue = new PQueue({ concurrency: request.concurrency, autoStart: false });
    const { caller, tools, emit, signal } = request;
    this.#context = { caller, tools, emit, signal, sourceDateEpoch: EPOCH };
  }

  async all(): Promise<ServiceResult[]> {
    for (const step of this.steps) this.#outcomes.set(step.id, this.#schedule(step));
    const services = this.request.plan.services.map(service => this.#service(service));
    // Only now, when all that can start is in the queue, does it know what is longest.
    setImmediate(() => this.#queue.start());
    return Promise.all(services);
  }

  async #schedule(step: Step): Promise<Outcome> {
    const needed = await Promise.all(step.needs.map(id => this.#outcomes.get(id) ?? { ok: true as const }));
    if (needed.some(outcome => !outcome.ok)) return { ok: false, failures: [] };
    const priority = this.priorities.get(step.id) ?? 0;
    return this.#queue.add(() => this.#run(step), { priority });
  }

  async #run(step: Step): Promise<Outcome> {
    const { emit, signal } = this.request;
    if (signal.aborted) return { ok: false, failures: [] };
    if (step.service !== null) {
      if (this.#skipped.has(step.service)) return { ok: true };
      this.#begin(step.service);
    }
    const end =
      step.kind === 'install' ? await this.#install(step) : await this.#runIn(step, await this.#copyOf(step));
    if (end === 'current') {
      emit({
        type: 'step.skipped',
        step: step.id,
        service: step.service,
        reason: 'nothing to install has changed',
      });
      return { ok: true };
    }
    this.timings[step.id] = end.duration;
    if (step.kind === 'ignore') return this.#decideIgnored(step, end);
    return end.ok ? { ok: true } : { ok: false, failures: end.failures };
  }

  /** The vendor's convention: exit code 0 of an `ignoreCommand` means that there is nothing to build. */
  #decideIgnored(step: Step, end: StepEnd): Outcome {
    if (step.service === null || end.exitCode !== 0) return { ok: true };
    if (this.request.hasPrevious(step.service)) this.#skipped.add(step.service);
    else {
      const message = `ignoreCommand says that there is nothing to build, but "${step.service}" has no earlier output to keep: it is built`;
      this.request.emit({
        type: 'warning',
        notice: { code: 'nothing-to-keep', service: step.service, message },
      });
    }
    return { ok: true };
  }

  async #install(step: Step): Promise<StepEnd | 'current'> {
    const file = `${copyFolders(this.work, step.id).base}.stamp`;
    const env = Object.fromEntries(
      Object.entries(this.request.caller).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );
    const stamp: Stamp = await readStamp(step, this.isolation.name, this.request.sources, env, file);
    const keep = stamp.isCurrent && !this.request.force;
    const rules = installRules(step, this.request.project, this.request.plan);
    const caches = stamp.copiesFolders ? [] : step.caches;
    const copy = this.isolation.open({ id: step.id, rules, base: null, caches, keep });
    this.#copies.set(step.id, copy);
    await copy;
    if (keep) return 'current';
    await removeStamp(file);
    const end = await this.#runIn(step, await copy);
    if (end.ok) await writeStamp(file, stamp);
    return end;
  }

  #runIn(step: Step, copy: WorkingCopy): Promise<StepEnd> {
    const service = this.request.plan.services.find(({ name }) => name === step.service) ?? null;
    return runStep(
      { step, copy, service, declared: this.request.declared[step.service ?? ''] ?? {} },
      this.#context,
    );
  }

  #copyOf(step: Step): Promise<WorkingCopy> {
    const service = this.request.plan.services.find(({ name }) => name === step.service);
    if (!service) throw new Error(`step ${step.id} belongs to no service`);
    return this.#serviceCopy(service);
  }

  #serviceCopy(service: ServicePlan): Promise<WorkingCopy> {
    const opened = this.#copies.get(service.name) ?? this.#openServiceCopy(service);
    this.#copies.set(service.name, opened);
    return opened;
  }

  async #openServiceCopy(service: ServicePlan): Promise<WorkingCopy> {
    const own = this.steps.filter(step => service.steps.includes(step.id));
    const install = own.find(step => step.kind === 'install');
    const base = install ? await this.#copies.get(install.id) : undefined;
    const rules = serviceRules(service, this.request.project, this.request.plan);
    const caches = own.filter(step => step.kind !== 'install').flatMap(step => step.caches);
    return this.isolation.open({ id: service.name, rules, base: base ?? null, caches, keep: false });
  }

  async #service(service: ServicePlan): Promise<ServiceResult> {
    const { emit } = this.request;
    const name = service.name;
    const result = { name, failures: [], duration: 0, size: 0 };
    if (!this.request.selected.includes(name) || this.request.reused?.has(name))
      return keptOrRestored(this.request, name);
    const outcomes = await Promise.all(
      service.steps.map(id => this.#outcomes.get(id) ?? { ok: true as const }),
    );
    const failures = outcomes
      .flatMap(outcome => (outcome.ok ? [] : outcome.failures))
      .map(failure => ({ ...failure, service: name }));
    if (this.request.signal.aborted) return { ...result, state: 'cancelled' };
    if (outcomes.some(outcome => !outcome.ok)) return this.#fail(name, failures);
    if (this.#skipped.has(name)) {
      emit({ type: 'service.kept', service: name, reason: 'ignoreCommand' });
      return { ...result, state: 'kept' };
    }
    return this.#queue.add(() => this.#finish(service), { priority: Number.MAX_SAFE_INTEGER });
  }

  async #finish(service: ServicePlan): Promise<ServiceResult> {
    const { name } = service;
    if (this.request.signal.aborted) return { name, state: 'cancelled', failures: [], duration: 0, size: 0 };
    this.#begin(name);
    const copy = await this.#serviceCopy(service);
    const finished = await this.request.finish(service, copy.view, copy.output);
    if (!finished.ok)
      return this.#fail(
        name,
        finished.failures.map(failure => ({ ...failure, service: name })),
      );
    const measured = await measureTree(copy.output);
    const duration = this.#elapsed(name);
    this.request.emit({ type: 'service.finished', service: name, duration, ...measured });
    return { name, state: 'built', output: copy.output, failures: [], duration, size: measured.size };
  }

  #fail(name: string, failures: readonly Failure[]): ServiceResult {
    const duration = this.#elapsed(name);
    for (const failure of failures)
      this.request.emit({ type: 'service.failed', service: name, failure, duration });
    return { name, state: 'failed', failures, duration, size: 0 };
  }

  #begin(name: string): void {
    if (this.#started.has(name)) return;
    this.#started.set(name, performance.now());
    this.request.emit({ type: 'service.started', service: name });
  }

  #elapsed(name: string): number {
    const started = this.#started.get(name);
    return started === undefined ? 0 : Math.round(performance.now() - started);
  }
}

/** 1980-01-01, the earliest time that every archive format can hold: for tools that write times into what they build. */
const EPOCH = '315532800';
