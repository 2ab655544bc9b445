import type { Failure } from './failure.ts';
import type { Notice } from './notice.ts';
import type { RouteLine } from './routes.ts';

/**
 * Everything that happens in a run. The terminal, CI logs, `--json` and the summary are renderers of this one stream and
 * know nothing else. Durations are milliseconds.
 */
export type SvcEvent =
  | {
      readonly type: 'run.started';
      readonly services: readonly string[];
      readonly steps: number;
      readonly concurrency: number;
      readonly isolation: string;
    }
  | { readonly type: 'warning'; readonly notice: Notice }
  | {
      readonly type: 'step.started';
      readonly step: string;
      readonly service: string | null;
      readonly services: readonly string[];
      readonly label: string;
    }
  | {
      readonly type: 'step.output';
      readonly step: string;
      readonly service: string | null;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    }
  | {
      readonly type: 'step.skipped';
      readonly step: string;
      readonly service: string | null;
      readonly reason: string;
    }
  | {
      readonly type: 'step.finished';
      readonly step: string;
      readonly service: string | null;
      readonly ok: boolean;
      readonly exitCode: number | null;
      readonly duration: number;
    }
  | { readonly type: 'service.started'; readonly service: string }
  | {
      readonly type: 'service.finished';
      readonly service: string;
      readonly duration: number;
      readonly size: number;
      readonly files: number;
      readonly functions: number;
    }
  | { readonly type: 'service.kept'; readonly service: string; readonly reason: string }
  /** A service need not be built: its result is in the deployment already (`output`), or came from that cache. */
  | {
      readonly type: 'cache.hit';
      readonly service: string;
      readonly from: string;
      readonly key: string;
      readonly size: number;
    }
  /** A service has to be built. `reasons` says what differs from its last build, most telling first. */
  | {
      readonly type: 'cache.miss';
      readonly service: string;
      readonly key: string;
      /** There is no earlier build of it to compare with. */
      readonly isFirst: boolean;
      readonly reasons: readonly string[];
    }
  /** What a cache holds, or how it answered, could not be trusted or used; the build goes on without it. */
  | {
      readonly type: 'cache.rejected';
      readonly service: string | null;
      readonly from: string;
      readonly reason: string;
    }
  | {
      readonly type: 'service.failed';
      readonly service: string;
      readonly failure: Failure;
      readonly duration: number;
    }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'run.finished'; readonly summary: RunSummary };

/** How a run ended: what the summary on the terminal and the last `--json` line say. */
export interface RunSummary {
  readonly ok: boolean;
  readonly duration: number;
  /** True when nothing had changed since the last build, so that nothing was done. */
  readonly unchanged?: true;
  /** Path of the deployment directory as the user would type it; absent when the run made none. */
  readonly output?: string;
  readonly deployment?: string;
  readonly services: readonly {
    readonly name: string;
    readonly state: 'built' | 'kept' | 'restored' | 'failed' | 'cancelled';
    readonly duration: number;
    readonly size: number;
  }[];
  readonly routes: readonly RouteLine[];
  readonly failures: readonly Failure[];
  /** What the isolation level in use could not promise; empty when it keeps all promises. */
  readonly unpromised: readonly string[];
}

/** Where events go. Must not throw and must not block. */
export type Emit = (event: SvcEvent) => void;
