import type { Decision } from './decision.ts';

export interface Explanation {
  readonly decision: Decision;
  /** In the order in which it happened. */
  readonly steps: readonly Step[];
}

/** One thing that happened on the way to a decision. `table` is a service's name, or null for the public table. */
export type Step =
  /** The path that is looked up became another one. */
  | { readonly type: 'path'; readonly from: string; readonly to: string; readonly why: string }
  | { readonly type: 'phase'; readonly table: string | null; readonly phase: string }
  | {
      readonly type: 'rule';
      readonly table: string | null;
      /** Place in the table's `routes`. */
      readonly index: number;
      readonly source: string;
      readonly matched: boolean;
      /** Why it did not match, or what it does. */
      readonly why: string;
    }
  | {
      readonly type: 'lookup';
      readonly table: string | null;
      readonly path: string;
      /** `static/about.html`, `functions/index`; null when nothing is there. */
      readonly found: string | null;
    }
  /** A service takes over for good; `lookup` is the path that selects among its rules. */
  | { readonly type: 'service'; readonly service: string; readonly lookup: string };
