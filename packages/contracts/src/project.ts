import type { JsonObject } from './json.ts';
import type { Notice } from './notice.ts';
import type { Position } from './position.ts';
import type { Route, RouteLine } from './routes.ts';

/** What `config` makes of a configuration file: validated, in declaration order, every value with its place. */
export interface Project {
  readonly version: 1;
  /** Absolute path of the folder that holds the configuration file (or the folder asked for, when there is none). */
  readonly directory: string;
  /**
   * Absolute path of the outermost folder that steps may see: `directory`, or the root of the workspace above it that
   * claims `directory` as a member.
   */
  readonly boundary: string;
  /** Name of the configuration file inside `directory`; absent when the repository has none. */
  readonly configFile?: string;
  /** `app` when the configuration has no `services`: the whole repository is then the one service named `app`. */
  readonly kind: 'services' | 'app';
  readonly services: readonly ServiceConfig[];
  readonly public: PublicConfig;
  readonly warnings: readonly Notice[];
}

/** The public surface: what runs before any service is chosen. */
export interface PublicConfig {
  /** The compiled top-level table, as Build Output's `config.json` holds it. */
  readonly routes: readonly Route[];
  readonly cleanUrls?: boolean;
  readonly trailingSlash?: boolean;
  readonly crons: readonly Cron[];
  /** The rules of the table that lead to a service, as their author wrote them: for people. */
  readonly rules: readonly RouteLine[];
  readonly images?: JsonObject;
}

export interface Cron {
  readonly path: string;
  readonly schedule: string;
  readonly [key: string]: unknown;
}

export interface Binding {
  readonly type: 'service';
  /** Name of the target service. */
  readonly service: string;
  readonly format: 'url';
  /** Name of the variable that receives the target's base URL at run time. */
  readonly env: string;
}

/** One entry of `functions`; keys are globs relative to the service's root, first match wins. */
export interface FunctionConfig {
  readonly memory?: number;
  readonly maxDuration?: number | 'max';
  readonly includeFiles?: string;
  readonly excludeFiles?: string;
  readonly [key: string]: unknown;
}

export interface ServiceConfig {
  readonly name: string;
  /** POSIX path from `Project.directory`, normalised: `apps/web`, or `.`. */
  readonly root: string;
  readonly entrypoint?: string;
  readonly framework?: string;
  readonly runtime?: string;
  /** Argument vector that replaces the image's command. Containers only. */
  readonly command?: readonly string[];
  readonly installCommand?: string;
  readonly buildCommand?: string;
  readonly devCommand?: string;
  readonly ignoreCommand?: string;
  readonly outputDirectory?: string;
  readonly cleanUrls?: boolean;
  readonly trailingSlash?: boolean;
  readonly bindings: readonly Binding[];
  readonly functions: Readonly<Record<string, FunctionConfig>>;
  /** The service's own `headers`, `redirects`, `rewrites` and `routes`, compiled to one table. */
  readonly routes: readonly Route[];
  /** What `svc.json` says about this service. */
  readonly local: LocalServiceConfig;
  /** The entry as the user wrote it, for the deployment's metadata. */
  readonly declared: JsonObject;
  /**
   * Where things stand in the configuration file. Keys: `''` for the whole entry, `name` for its key, else a field's
   * path such as `root` or `bindings.0.service`.
   */
  readonly positions: Readonly<Record<string, Position>>;
}

/** A service's entry in `svc.json`, the file for what the vendor's format has no word for. */
export interface LocalServiceConfig {
  /** Names of the caller's variables that the service's steps receive, beyond the base set. */
  readonly env: readonly string[];
  /** Files of `NAME=value` lines, relative to the project, whose variables the service's steps receive. */
  readonly envFiles: readonly string[];
  /** Folders or files outside the root that the steps see and that count as inputs, relative to the project. */
  readonly inputs: readonly string[];
  /** A builder package, or a path that starts with `./`. */
  readonly builder?: string;
  /** Builders, named likewise, that are asked when svc does not recognise the service by itself. */
  readonly builders?: readonly string[];
  /** Seconds that a call of the builder's own code may take. */
  readonly builderTimeout?: number;
  /** Build context of a container, relative to the project. */
  readonly context?: string;
  /** Names of variables that a container's build receives as secret mounts, and its other steps as variables. */
  readonly secrets?: readonly string[];
  /** The container engine that builds the image; whichever works when absent. */
  readonly engine?: string;
}
