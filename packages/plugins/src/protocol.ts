import type { DevelopmentRequest, FinishRequest, PlanRequest } from '@svc/builder-kit';
import type { WorkingView } from '@svc/contracts';

/** A plan request as it crosses the border: what a function answers is sent along. */
export type SentPlanRequest = Omit<PlanRequest, 'script'> & {
  readonly scripts: Readonly<Record<string, { readonly line: string; readonly label: string }>>;
};
export type SentDevelopmentRequest = SentPlanRequest & Omit<DevelopmentRequest, keyof PlanRequest>;
export type SentFinishRequest = Omit<FinishRequest, 'view'>;

/** What the host is to do with the builder's module. */
export type Call =
  | { readonly method: 'describe' }
  | { readonly method: 'plan'; readonly request: SentPlanRequest }
  | { readonly method: 'develop'; readonly request: SentDevelopmentRequest }
  | { readonly method: 'finish'; readonly request: SentFinishRequest };

/** A question to the working view. The list of what is to be copied stands for the callback, which cannot cross. */
export type ViewQuestion =
  | { readonly method: 'stat' | 'list' | 'locate'; readonly path: string }
  | {
      readonly method: 'copy';
      readonly path: string;
      readonly to: string;
      readonly kept?: readonly string[];
    };

export type ViewAnswer = Awaited<ReturnType<WorkingView['stat' | 'list' | 'locate' | 'copy']>>;

export type ToHost =
  | { readonly type: 'call'; readonly call: Call }
  | { readonly type: 'answer'; readonly id: number; readonly value?: ViewAnswer; readonly error?: string }
  /** The result has arrived: the host may end. */
  | { readonly type: 'end' };

export type FromHost =
  | { readonly type: 'question'; readonly id: number; readonly question: ViewQuestion }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'threw'; readonly error: Thrown }
  | { readonly type: 'unloadable'; readonly error: Thrown };

/** What is known of an error that the builder's code has thrown. */
export interface Thrown {
  readonly message: string;
  /** Without the message; its first line in the builder's own files comes first. */
  readonly stack: readonly string[];
  readonly code?: string;
  /** The path that a denied access was about. */
  readonly resource?: string;
  readonly permission?: string;
}

/** What the host tells of a module that it has loaded. */
export type Description =
  | { readonly kind: 'svc'; readonly builder: unknown }
  /** Follows Vercel's Builder contract. */
  | { readonly kind: 'vercel'; readonly version: number }
  | { readonly kind: 'other'; readonly exports: readonly string[] };
