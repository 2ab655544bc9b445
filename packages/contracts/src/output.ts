import type { Json, JsonObject } from './json.ts';
import type { Cron } from './project.ts';
import type { Route } from './routes.ts';

/**
 * A finished service: a complete Build Output v3 tree on disk that refers to nothing outside itself.
 * `directory` holds `config.json`, `static/` and `functions/`, each only where there is something to hold.
 */
export interface ServiceOutput {
  readonly service: string;
  /** Absolute path of the tree. The assembler moves it; nobody else may write to it afterwards. */
  readonly directory: string;
}

/** A service's `config.json`. */
export interface ServiceOutputConfig {
  readonly version: 3;
  readonly routes?: readonly Route[];
  /** Static files under another path or content type, keyed by file path in `static/`. */
  readonly overrides?: Readonly<Record<string, { readonly path?: string; readonly contentType?: string }>>;
  readonly images?: JsonObject;
  readonly wildcard?: Json;
  readonly framework?: { readonly slug?: string; readonly version: string };
  readonly crons?: readonly Cron[];
  readonly [key: string]: unknown;
}

/** A function's `.vc-config.json`. */
export interface FunctionOutputConfig {
  readonly runtime: string;
  /** Path of the file to load, relative to the function's directory. */
  readonly handler: string;
  readonly launcherType?: 'Nodejs';
  readonly architecture?: 'x86_64' | 'arm64';
  readonly environment?: Readonly<Record<string, string>>;
  /** Megabytes. */
  readonly memory?: number;
  /** Seconds. */
  readonly maxDuration?: number | 'max';
  readonly [key: string]: unknown;
}
