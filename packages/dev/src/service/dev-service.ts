import { join } from 'node:path';
import type { Failure, Result } from '@svc/contracts';
import type { DevelopedService } from '@svc/planner';
import {
  ConnectionPool,
  describeEnd,
  type Endpoint,
  type FunctionProcess,
  type Host,
  type Instance,
  RUN_VARIABLE,
  type RunFolder,
  StartError,
  startProcess,
} from '@svc/runtime';
import type { EmitDev, ServiceState } from '../events.ts';
import { FloodGuard } from './flood-guard.ts';
import type { Installs } from './installs.ts';
import { LastLines } from './last-lines.ts';
import { type DevPrograms, planLaunch, START_TIMEOUT } from './launch.ts';
import { OwnWrites } from './own-writes.ts';
import { prepare } from './prepare.ts';
import { SlowStart } from './slow-start.ts';
import type { StepTools } from './steps.ts';

export interface ServiceContext {
  readonly name: string;
  readonly boundary: string;
  /** Absolute path of the service's own folder. */
  readonly state: string;
  readonly folder: RunFolder;
  readonly programs: DevPrograms;
  /** Those of all builders that the project names now. */
  readonly tools: () => StepTools;
  readonly installs: Installs;
  /** Where the whole project answers, as in URLs. */
  readonly ownHosts: () => readonly string[];
  readonly emit: EmitDev;
  /** Called when it has begun or ceased to be ready. */
  readonly onTurn: () => void;
}

/** How a service is to run now. */
export interface Way {
  readonly developed: DevelopedService;
  /** Its environment but for `PORT`. */
  readonly env: Readonly<Record<string, string>>;
  /** What of that was meant for it: of env files, its builder and bindings. */
  readonly given: Readonly<Record<string, string>>;
  /** What of that leads to other services. */
  readonly bindings: Readonly<Record<string, string>>;
}

/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE = 2_000;
/** Milliseconds that a request waits for a service that is coming up, before it is told so. */
const PATIENCE = 25_000;

/**
 * One service from its sources: installed, prepared, started, started again when it has changed. After a crash it waits for the
 * next change. Whatever happens to it, the others do not notice.
 */
export class DevService implements Host {
  state: ServiceState = 'waiting';
  /** Why it is not there; with the state `failed`. */
  failures: readonly Failure[] = [];
  way: Way | undefined;
  readonly lines = new LastLines();
  private readonly flood: FloodGuard;
  private readonly ownWrites: OwnWrites;
  private instance: DevInstance | undefined;
  private process: FunctionProcess | undefined;
  /** Resolves when nothing is left of the last process. */
  private cleaned: Promise<void> = Promise.resolve();
  private cycle = new AbortController();
  private turn: Promise<void> = Promise.resolve();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly context: ServiceContext) {
    const { name, boundary, emit } = context;
    this.flood = new FloodGuard(message => emit({ type: 'service.floods', service: name, message }));
    this.ownWrites = new OwnWrites(boundary, message => emit({ type: 'problem', service: name, message }));
  }

  get servesFiles(): boolean {
    return this.way?.developed.development.serve.type === 'files';
  }

  get name(): string {
    return this.context.name;
  }

  /** Takes up how it is to run. @returns whether that starts it (again). */
  apply(way: Result<Way>): boolean {
    if (!way.ok) {
      const isNews =
        this.state !== 'failed' || JSON.stringify(way.failures) !== JSON.stringify(this.failures);
      this.way = undefined;
      if (!isNews) return false;
      this.begin(async signal => {
        await this.endProcess();
        if (!signal.aborted) this.fail(...way.failures);
      });
      return true;
    }
    const isSame = this.way !== undefined && wayKey(this.way) === wayKey(way.value);
    this.way = way.value;
    if (!isSame) this.restart();
    return !isSame;
  }

  restart(): void {
    this.begin(signal => this.run(signal));
  }

  /**
   * Its own files have changed.
   *
   * @param paths relative to the boundary; none where only `needsInstall` matters.
   * @param needsInstall whether its packages are no longer what its manifests ask for.
   * @returns whether it starts again for that.
   */
  changed(paths: readonly string[], needsInstall: boolean): boolean {
    if (!this.way) return false;
    if (this.ownWrites.edited(paths).length === 0 && !needsInstall) return false;
    const { reload } = this.way.developed.development;
    const isNeeded = needsInstall || reload === 'restart' || this.state === 'failed';
    if (isNeeded) this.restart();
    return isNeeded;
  }

  /** Stops it and everything it started. */
  async stop(): Promise<void> {
    this.begin(() => this.endProcess());
    await this.turn;
    this.enter('stopped');
  }

  /** It is not to run in this session. */
  leaveOut(): void {
    this.state = 'off';
  }

  async acquire(): Promise<Instance> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      if (this.state === 'ready' && this.instance) return this.instance;
      if (['ready', 'failed', 'off', 'stopped'].includes(this.state)) break;
      const left = deadline - performance.now();
      if (left <= 0) break;
      await this.turned(left);
    }
    throw new StartError(this.explain());
  }

  acquireNow(): Instance | null {
    return this.state === 'ready' ? (this.instance ?? null) : null;
  }

  /** A development server may take its time: nothing is retired. */
  retire(): void {}

  /** What it is doing, in words. */
  explain(): string {
    switch (this.state) {
      case 'off':
        return 'it is not started: svc dev was asked for other services only (--only)';
      case 'failed':
        return this.failures.map(({ message }) => message).join('; ');
      case 'installing':
        return 'its dependencies are still being installed';
      case 'preparing':
        return 'it is still being built';
      case 'stopped':
        return 'svc is stopping';
      default:
        return 'it does not accept requests yet';
    }
  }

  private begin(work: (signal: AbortSignal) => Promise<void>): void {
    this.cycle.abort();
    this.cycle = new AbortController();
    const { signal } = this.cycle;
    if (this.state !== 'waiting') this.enter('waiting');
    this.turn = this.turn.then(() => work(signal));
  }

  private async run(signal: AbortSignal): Promise<void> {
    await this.endProcess();
    const { way } = this;
    if (signal.aborted || !way) return;
    const began = performance.now();
    this.failures = [];
    this.lines.clear();
    this.ownWrites.begin();
    const prepared = await prepare(way, {
      ...this.context,
      lines: this.lines,
      onLine: this.onLine,
      pace: this.flood.pace,
      signal,
      mark: this.mark,
      enter: state => this.enter(state),
    });
    this.ownWrites.end();
    if (signal.aborted) return;
    if (!prepared.ok) return this.fail(...prepared.failures);
    if (way.developed.development.serve.type !== 'files' && !(await this.launch(way, signal))) return;
    if (!signal.aborted) this.enter('ready', performance.now() - began);
  }

  private async launch({ developed, env, given, bindings }: Way, signal: AbortSignal): Promise<boolean> {
    const { serve } = developed.development;
    if (serve.type === 'files') return true;
    const { name, boundary, state, folder, programs, emit } = this.context;
    const root = join(boundary, developed.directory);
    this.enter('starting');
    let slow: SlowStart | undefined;
    try {
      const ownHosts = this.context.ownHosts();
      const place = { name, root, state, env, given, bindings, folder, programs, ownHosts };
      const plan = await planLaunch(serve, place);
      slow = new SlowStart(plan.port, serve.type === 'container', this.lines, (waited, message) =>
        emit({ type: 'service.slow', service: name, waited, message }),
      );
      const started = await startProcess({
        plan,
        folder,
        onLine: this.onLine,
        pace: this.flood.pace,
        startTimeout: START_TIMEOUT,
        grace: GRACE,
        signal,
      });
      this.process = started;
      this.cleaned = started.cleaned;
      this.instance = new DevInstance(started);
      this.watch(started);
      return true;
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      if (!signal.aborted) this.fail(this.crash(error.message));
      return false;
    } finally {
      slow?.stop();
    }
  }

  private watch(started: FunctionProcess): void {
    void started.ended.then(end => {
      if (this.process !== started) return;
      this.process = undefined;
      this.instance?.close();
      this.instance = undefined;
      this.fail(this.crash(describeEnd(end)));
    });
  }

  private async endProcess(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    this.instance?.close();
    this.instance = undefined;
    process?.stop();
    await this.cleaned;
  }

  private crash(cause: string): Failure {
    return { code: 'service-crashed', message: cause, output: [...this.lines.last] };
  }

  private fail(...failures: readonly Failure[]): void {
    const { name, emit } = this.context;
    this.failures = failures.map(failure => ({ ...failure, service: name }));
    for (const failure of this.failures) emit({ type: 'service.failed', service: name, failure });
    this.enter('failed');
  }

  private enter(state: ServiceState, duration?: number): void {
    if (this.state === state) return;
    const { name, emit, onTurn } = this.context;
    const wasReady = this.state === 'ready';
    this.state = state;
    emit({ type: 'service.state', service: name, state, ...(duration === undefined ? {} : { duration }) });
    if (wasReady || state === 'ready') onTurn();
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  private turned(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.waiting.add(wake);
    });
  }

  private readonly onLine = (stream: 'stdout' | 'stderr', line: string): void => {
    this.lines.add(line);
    this.flood.line();
    this.context.emit({ type: 'service.output', service: this.context.name, stream, line });
  };

  private get mark(): Readonly<Record<string, string>> {
    return { [RUN_VARIABLE]: this.context.folder.run };
  }
}

class DevInstance implements Instance {
  readonly pool: ConnectionPool;
  readonly endpoint: Endpoint;
  readonly ended: Promise<string>;

  constructor(started: FunctionProcess) {
    this.endpoint = started.endpoint;
    this.pool = new ConnectionPool(started.endpoint);
    this.ended = started.ended.then(describeEnd);
  }

  finish(): void {}

  close(): void {
    this.pool.close();
  }
}

/** What decides whether a service has to be started again. Which files there are to serve does not. */
function wayKey({ developed, env }: Way): string {
  const { development, install, dependencies, directory } = developed;
  const { serve } = development;
  const how = serve.type === 'files' ? { ...serve, files: null } : serve;
  return JSON.stringify([directory, install, dependencies, { ...development, serve: how }, env]);
}
