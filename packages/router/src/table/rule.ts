import type { HandleRoute } from '@svc/contracts';
import type { Pattern } from '../pattern/pattern.ts';
import type { Condition } from './conditions.ts';
import type { Template } from './template.ts';
import type { Transform } from './transforms.ts';

/** `start` is what stands before any handle. */
export type Phase = 'start' | HandleRoute['handle'];

/** A compiled rule. */
export interface Rule {
  /** Place in the table's `routes`. */
  readonly index: number;
  /** `src` as the table has it. */
  readonly source: string;
  readonly pattern: Pattern;
  readonly methods: ReadonlySet<string> | undefined;
  readonly has: readonly Condition[];
  readonly missing: readonly Condition[];
  readonly headers: readonly { readonly name: string; readonly value: Template }[];
  readonly destination: Destination | undefined;
  readonly status: number | undefined;
  readonly continues: boolean;
  readonly check: boolean;
  readonly override: boolean;
  readonly important: boolean;
  readonly mitigate: 'deny' | 'challenge' | undefined;
  readonly transforms: readonly Transform[];
  /** Names of variables that headers and the destination may hold. */
  readonly env: readonly string[];
  readonly locale: Locale | undefined;
  /** Name of a function that runs as middleware. */
  readonly middleware: string | undefined;
}

export type Destination =
  | {
      readonly type: 'path';
      readonly template: Template;
      /**
       * A builder's own last rule: everything to its function, with a transform that shows the code the path. Its
       * transform stands for "as the service's rules left it" (section 6.3 of the services reference).
       */
      readonly isCatchAll: boolean;
    }
  | { readonly type: 'service'; readonly service: string; readonly path: Template | undefined };

/** Which language's page `/` leads to. */
export interface Locale {
  readonly redirect: Readonly<Record<string, string>>;
  readonly cookie: string | undefined;
}
