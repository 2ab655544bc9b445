import type { Builder, FailureCode, JsonObject } from '@svc/builder-kit';

/** A small service that a builder is tried with: one that must build and answer, or one that must fail well. */
export interface Fixture {
  /** Stands in the names of the checks. */
  readonly name: string;
  /** The service's files, by their paths in its root. Objects are written as JSON. */
  readonly files: Readonly<Record<string, string | Uint8Array | JsonObject>>;
  /** Files of the project outside the service's root, by their paths in the project: a workspace, shared sources. */
  readonly around?: Readonly<Record<string, string | Uint8Array | JsonObject>>;
  /** Paths, in the service's root, of files that are executable. */
  readonly executable?: readonly string[];
  /** More of the service's entry in `vercel.json`: `entrypoint`, `buildCommand`, `functions`, … */
  readonly service?: JsonObject;
  /** More of its entry in `svc.json`: `env`, `inputs`, `context`, … */
  readonly local?: JsonObject;
  /** Variables of the caller while it is built; the service's steps see those that `local.env` names. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables of the caller while it runs. */
  readonly runEnv?: Readonly<Record<string, string>>;
  /** Programs that must be installed: without one of them the fixture's checks are skipped, but fail where `CI` is set. */
  readonly needs?: readonly string[];
  /** What the running service is asked. At least one for a fixture that builds. */
  readonly requests?: readonly Question[];
  /**
   * An edit of the service's files while it runs from its sources, and what it answers then; for a builder with `develop`. The
   * service is started as by `svc dev`, asked `requests`, edited, and asked these until they are answered.
   */
  readonly edit?: {
    /** By their paths in the service's root. */
    readonly files: Readonly<Record<string, string | Uint8Array | JsonObject>>;
    readonly requests: readonly Question[];
  };
  /** For a fixture that must not build: each failure that must be told. */
  readonly fails?: readonly ExpectedFailure[];
  /**
   * Files of the output that may differ from build to build, by their paths in the service's tree, with the reason; for
   * tools that cannot do better.
   */
  readonly varies?: { readonly files: RegExp; readonly because: string };
  /**
   * Files that building writes into the project on purpose, by their paths in it: what a builder pins for its users to
   * commit, as package managers do with their lockfiles.
   */
  readonly pins?: readonly string[];
  /** Milliseconds that each of its checks may take; 120,000 when absent. */
  readonly timeout?: number;
}

/** One request, and what must come back. */
export interface Question {
  /** Path and query. */
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly expect: Answer;
}

/** What is not said is not looked at, but for the status, which must be 200 when nothing is said of it. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | RegExp>>;
  /** The whole body, or what it must match. */
  readonly body?: string | RegExp;
  readonly json?: unknown;
}

export interface ExpectedFailure {
  readonly code: FailureCode;
  readonly message: RegExp;
  /** What the advice must match; in any case there must be some, or a position, or output. */
  readonly help?: RegExp;
  /** The file, from the project's folder, that the failure must point at, and the line. The root is `service`. */
  readonly file?: string;
  readonly line?: number;
}

/** One thing to try. Any test runner can: see `conformance`. */
export interface Check {
  readonly name: string;
  /** Why it cannot be tried here; undefined when it can. */
  readonly skip: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  /** Resolves when all is well; rejects with an error that says what is wrong. */
  run(): Promise<void>;
}

/**
 * Everything that a builder promises, tried on real builds of the fixtures:
 *
 * - **answers**: the service builds, starts from a copy elsewhere when its sources are gone, and answers its requests;
 * - **same again**: a second build, in another folder, gives the same files to the last byte;
 * - **self-contained**: nothing in the output names the folder that it was built in, and no link leaves it;
 * - **isolation**: the checkout is as it was; nothing of another service, and no variable that was not admitted, is in it;
 * - **cancellation**: told to stop in the middle of a step, it stops, and no process is left;
 * - **development**: it runs from its sources, takes an edit up, and leaves no process (fixtures with `edit`);
 * - **failures**: a fixture that cannot be built says so with the service, the cause, the place and the way out.
 *
 * The checks belong to no test runner. For `node:test` and for vitest alike:
 *
 *     for (const check of conformance(builder, fixtures)) {
 *       test(check.name, { skip: check.skip !== undefined, timeout: check.timeout }, check.run);
 *     }
 */
export type Conformance = (builder: Builder, fixtures: readonly Fixture[]) => readonly Check[];
