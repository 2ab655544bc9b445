import type {
  JsonObject,
  Notice,
  PackageManager,
  Result,
  ServiceConfig,
  ServiceOutputConfig,
  ServicePlan,
  StepKind,
  WorkingView,
} from '@svc/contracts';
import type { DevelopmentPlan, DevelopmentRequest } from './development.ts';

/**
 * Turns one kind of service into Build Output. A builder plans (pure, nothing is executed), its steps run in isolation,
 * and it finishes by saying what the steps left.
 */
export interface Builder {
  /** `static`, `node`, or a package's name. */
  readonly name: string;
  /** Part of every fingerprint: raise it when the same plan would now give another output. */
  readonly version: string;
  /** Runtimes it builds; `static` stands for services without a runtime. */
  readonly runtimes: readonly string[];
  /** Whether it also builds services for which `svc.json` names this package as their builder; absent for none. */
  readonly takes?: (name: string) => boolean;
  /**
   * Files by which a service of this kind is recognised, as globs from its root in the order in which they count:
   * `['index.lua', '*.lua']`. The first that is there is the entrypoint when the configuration names none.
   */
  readonly detects?: readonly string[];
  /**
   * Programs that its steps of type `tool` name: tool name -> absolute path of the JavaScript module to run
   * (see `runTool`).
   */
  readonly tools: Readonly<Record<string, string>>;
  /** What is to be done for a service. Reads the checkout, executes nothing. Failures carry no `service`: the planner adds it. */
  plan(request: PlanRequest): Promise<Result<BuilderPlan>>;
  /** Called when every step has succeeded: completes the tree in `request.output` and returns its `config.json`. */
  finish(request: FinishRequest): Promise<Result<ServiceOutputConfig>>;
  /**
   * How a service runs from its sources. Reads the checkout, executes nothing. Without it, `svc dev` runs what the
   * configuration or the framework names as its development server.
   */
  develop?(request: DevelopmentRequest): Promise<Result<DevelopmentPlan>>;
}

/** What the planner found out about a framework, from `@vercel/frameworks`. */
export interface FrameworkInfo {
  readonly slug: string;
  readonly name: string;
  /** The command it builds with when nobody says otherwise. */
  readonly buildCommand: string | null;
  /** The command that starts its development server, with `$PORT` in it where it has an option for that. */
  readonly devCommand?: string | null;
  /** Where its build leaves its result, relative to the service's root; null where only the framework can tell. */
  readonly outputDirectory: string | null;
  /** Folder globs it wants kept between builds, relative to the service's root, such as `.next/cache/**`. */
  readonly cachePattern: string | null;
  /** Variables with this prefix reach browser code, so the caller's are passed to the build. */
  readonly envPrefix: string | null;
}

export interface PlanRequest {
  readonly service: ServiceConfig;
  /** The service's root relative to the boundary. */
  readonly directory: string;
  /** Absolute paths in the checkout, to read from. */
  readonly paths: { readonly boundary: string; readonly root: string };
  readonly framework: FrameworkInfo | null;
  readonly runtime: string | null;
  /** As configured, already found to exist; null when the builder is to look for it. */
  readonly entrypoint: string | null;
  readonly handler: string | null;
  /** The service's input files, relative to its root, sorted. */
  readonly files: readonly string[];
  /** Roots of other services that lie inside this one's, relative to the boundary: none of their files is in `files`. */
  readonly otherRoots: readonly string[];
  readonly packageManager: PackageManager | null;
  /** The service's `package.json`, if it has one that parses. */
  readonly packageJson: JsonObject | null;
  /** How a script of that `package.json` is run, hooks included; undefined when there is no such script. */
  script(name: string): { readonly line: string; readonly label: string } | undefined;
}

export interface BuilderPlan {
  readonly entrypoint: string | null;
  /** Relative to the service's root. */
  readonly outputDirectory: string | null;
  /** In the order in which they run; the planner puts install and ignore steps before them. */
  readonly steps: readonly StepDraft[];
  /** Folders to keep between builds, relative to the service's root. */
  readonly caches: readonly string[];
  /** Files and folders outside the service's root that its build reads, such as local modules; relative to the boundary. */
  readonly inputs?: readonly string[];
  /** Handed back to `finish` and to tools. */
  readonly data: JsonObject;
  readonly warnings: readonly Notice[];
}

/** A step without what the planner fills in: ids, dependencies, environment. Paths are relative to the service's root. */
export interface StepDraft {
  readonly kind: Exclude<StepKind, 'install' | 'ignore'>;
  readonly label: string;
  readonly command:
    | { readonly type: 'shell'; readonly line: string }
    | { readonly type: 'tool'; readonly tool: string; readonly input: JsonObject };
  readonly env?: Readonly<Record<string, string>>;
  readonly network?: boolean;
  readonly outputs?: readonly string[];
}

export interface FinishRequest {
  readonly service: ServiceConfig;
  readonly plan: ServicePlan;
  /** Absolute path of the project's folder in the checkout. */
  readonly project: string;
  readonly view: WorkingView;
  /**
   * Absolute path of the service's output tree. Tools have already written there (they know it as `SVC_OUTPUT`);
   * `static/` and `functions/` are completed here. `config.json` is written by the caller from the returned value.
   */
  readonly output: string;
  /** The deployment's top-level `cleanUrls`, which also renames files inside services. */
  readonly publicCleanUrls: boolean;
}
