import type { Failure, Notice } from '@svc/contracts';
import type { RequestRecord } from '@svc/runtime';

/** What a service is doing. `off` are those that `--only` leaves out. */
export type ServiceState =
  | 'waiting'
  | 'installing'
  | 'preparing'
  | 'starting'
  | 'ready'
  | 'failed'
  | 'stopped'
  | 'off';

/** Everything that happens under `svc dev`. The command line renders these; nothing here writes by itself. Milliseconds. */
export type DevEvent =
  | {
      readonly type: 'dev.started';
      readonly urls: readonly string[];
      readonly port: number;
      readonly services: readonly {
        readonly name: string;
        readonly kind: string | null;
        readonly command: string | null;
        /** The public rules that lead to it, as they are written. */
        readonly paths: readonly string[];
        readonly state: ServiceState;
      }[];
    }
  /** Of every service it is clear whether it runs. Told once more when some failed at first and all run then. */
  | {
      readonly type: 'dev.settled';
      readonly ready: readonly string[];
      readonly failed: readonly string[];
    }
  | {
      readonly type: 'service.state';
      readonly service: string;
      readonly state: ServiceState;
      /** Since the start was asked for; with `ready` only. */
      readonly duration?: number;
    }
  | {
      readonly type: 'service.output';
      /** Null for an install that several services share. */
      readonly service: string | null;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    }
  /** It does not accept requests although it was given time to. */
  | {
      readonly type: 'service.slow';
      readonly service: string;
      readonly waited: number;
      readonly message: string;
    }
  /** It writes faster than anybody reads: it is slowed down. */
  | { readonly type: 'service.floods'; readonly service: string; readonly message: string }
  | { readonly type: 'service.failed'; readonly service: string; readonly failure: Failure }
  | { readonly type: 'service.changed'; readonly service: string; readonly paths: readonly string[] }
  | { readonly type: 'notice'; readonly notice: Notice }
  | {
      readonly type: 'config.applied';
      readonly added: readonly string[];
      readonly removed: readonly string[];
      readonly restarted: readonly string[];
      readonly routes: boolean;
    }
  | { readonly type: 'config.failed'; readonly failures: readonly Failure[] }
  | { readonly type: 'request'; readonly record: RequestRecord }
  | { readonly type: 'problem'; readonly service: string | null; readonly message: string };

/** Where events go. Must not throw and must not block. */
export type EmitDev = (event: DevEvent) => void;
