import type { CharSet } from '@svc/char-sets';

/** A parsed expression. Case is already resolved: sets hold both cases where case does not matter. */
export type Syntax =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly parts: readonly Syntax[] }
  | { readonly kind: 'choice'; readonly parts: readonly Syntax[] }
  | {
      readonly kind: 'repeat';
      readonly part: Syntax;
      readonly min: number;
      readonly max: number;
      readonly mode: 'greedy' | 'lazy' | 'possessive';
    }
  | { readonly kind: 'capture'; readonly index: number; readonly part: Syntax }
  | { readonly kind: 'atomic'; readonly part: Syntax }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean; readonly part: Syntax }
  | { readonly kind: 'edge'; readonly at: 'start' | 'end' | 'word' | 'not-word' };

export interface Expression {
  readonly syntax: Syntax;
  /** How many groups capture. */
  readonly captures: number;
  /** Group numbers by name; PCRE lets alternatives share one. */
  readonly names: ReadonlyMap<string, readonly number[]>;
}

/** What an expression cannot be used for, in words for its author. Caught where the expression was handed in. */
export class Unsupported extends Error {}
