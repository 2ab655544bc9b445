import type { Json } from './json.ts';

/**
 * One entry of a Build Output v3 routing table: either a phase marker or a rule. The field names are the format's;
 * see section 6 of the services reference.
 */
export type Route = HandleRoute | SourceRoute;

export interface HandleRoute {
  readonly handle: 'filesystem' | 'rewrite' | 'resource' | 'miss' | 'hit' | 'error';
}

export interface SourceRoute {
  readonly src: string;
  readonly dest?: string;
  readonly destination?: { readonly type: 'service'; readonly service: string; readonly path?: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly methods?: readonly string[];
  readonly has?: readonly Json[];
  readonly missing?: readonly Json[];
  readonly status?: number;
  readonly continue?: boolean;
  readonly check?: boolean;
  readonly important?: boolean;
  readonly override?: boolean;
  readonly caseSensitive?: boolean;
  readonly transforms?: readonly Json[];
  readonly env?: readonly string[];
  readonly [key: string]: unknown;
}

export function isHandle(route: Route): route is HandleRoute {
  return 'handle' in route;
}

/** One row of the routing table for people: the source as written and where it leads. */
export interface RouteLine {
  readonly source: string;
  readonly target: string;
}
