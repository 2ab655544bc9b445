import type { PlanRequest, StepDraft } from './builder.ts';

/** What a builder is told when a service is to run from its sources (`svc dev`). */
export interface DevelopmentRequest extends PlanRequest {
  /**
   * Absolute path of a folder of the service's own, below `.svc`, that lasts from one run to the next: for environments and
   * programs that do not belong among the sources. Tools know it as `SVC_OUTPUT`.
   */
  readonly state: string;
  /** The deployment's top-level `cleanUrls`, which also renames files inside services. */
  readonly publicCleanUrls: boolean;
}

/**
 * How a service runs from its sources, in place. Everything runs in the service's root with the developer's own environment,
 * `node_modules/.bin` and `programs` first on the `PATH`.
 */
export interface DevelopmentPlan {
  /** Run one after the other when what they follow from (manifests, lockfiles) has changed since they last succeeded. */
  readonly install: readonly StepDraft[];
  /** Run before every start, a restart included. What fails here is shown as the service's error. */
  readonly prepare: readonly StepDraft[];
  readonly serve: DevelopmentServer;
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute paths of folders that come first on the `PATH`, for a `devCommand` as well. */
  readonly programs?: readonly string[];
  /**
   * `self`: the server takes changes up by itself, and is started again only after a crash or when the way it is started
   * changes. `restart`: every change of the service's inputs starts it again.
   */
  readonly reload: 'self' | 'restart';
  /** Folders that `prepare` or the server itself write to, relative to the root: a change there is no change of sources. */
  readonly generated?: readonly string[];
  /**
   * Patterns of a `.dockerignore`, from that folder (relative to the root): what they leave out is no source, so a change there
   * starts nothing again.
   */
  readonly unused?: {
    readonly from: string;
    readonly patterns: readonly string[];
    /** Files that count in any case, relative to the root: the Dockerfile, the file of these patterns. */
    readonly except: readonly string[];
  };
}

export type DevelopmentServer =
  /** A line for the shell that starts a program which listens on `PORT`. */
  | { readonly type: 'command'; readonly label: string; readonly line: string }
  /** A JavaScript or TypeScript module in any form that a function may have; relative to the root. */
  | { readonly type: 'module'; readonly file: string }
  /** Files, read when they are asked for. `files` are relative to the root; null for all that `from` holds. */
  | {
      readonly type: 'files';
      readonly from: string;
      readonly files: readonly string[] | null;
      /** Whether `about.html` answers at `/about`. */
      readonly cleanUrls: boolean;
    }
  /** A container that listens on `PORT`. */
  | {
      readonly type: 'container';
      readonly label: string;
      /** File below the request's `state` in which `prepare` says which image it has made: see `PreparedImage`. */
      readonly image: string;
      /** Replaces the image's own arguments; empty to keep them. */
      readonly command: readonly string[];
      /** Megabytes; null for no limit. */
      readonly memory: number | null;
    };

/** The image that a step has made: one that docker has, by its id or name, or an archive of `docker save` below `state`. */
export type PreparedImage = { readonly reference: string } | { readonly archive: string };

/**
 * Commands of the framework list that take no notice of `PORT`, and how they are told; and Next.js, which without being told
 * otherwise lets in the whole network, past svc.
 */
const OPTIONS: Readonly<Record<string, string>> = {
  'next dev --port $PORT': '--hostname localhost',
  'react-router dev': '--port $PORT',
  'remix dev': '--port $PORT',
  'vinxi dev': '--port $PORT',
  'solid-start dev': '--port $PORT',
  'nuxt dev': '--port $PORT',
  'nitro dev': '--port $PORT',
  parcel: '--port $PORT',
};

/** The development server of the request's framework; `undefined` where `@vercel/frameworks` names none. */
export function frameworkDevelopment({ framework }: PlanRequest): DevelopmentPlan | undefined {
  const command = framework?.devCommand;
  if (!command) return undefined;
  const option = OPTIONS[command];
  const line = option === undefined ? command : `${command} ${option}`;
  return commandDevelopment(line);
}

/** A service that one command runs, which takes changes up by itself. */
export function commandDevelopment(line: string): DevelopmentPlan {
  return {
    install: [],
    prepare: [],
    serve: { type: 'command', label: line, line },
    reload: 'self',
  };
}
