/** What `svc start` tells a launcher, in one variable, so that nothing else of svc is in the function's environment. */
export interface LaunchOrders {
  /** The name under which the launcher reports. */
  readonly instance: string;
  /** Path of the Unix socket to accept requests on. */
  readonly socket: string;
  /** Path of the Unix socket to report on; when it closes, svc is gone. */
  readonly control: string;
  /** Milliseconds that a module which exports no handler has until it listens. */
  readonly patience: number;
  /** The service that the function belongs to. */
  readonly service: string | null;
  /** Where the deployment itself answers without TLS, as in URLs. */
  readonly ownHosts: readonly string[];
}

export const ORDERS_VARIABLE = 'SVC_LAUNCH';

/** JSON: the names of the variables that edge code sees, or null for all. */
export const VISIBLE_VARIABLE = 'SVC_VISIBLE';

/** What a launcher reports, one JSON line each. */
export type LaunchReport =
  | { readonly instance: string; readonly state: 'listening' }
  | { readonly instance: string; readonly state: 'failed'; readonly message: string }
  /** Something with these tags has changed; svc passes it on to every function, with the id. */
  | {
      readonly instance: string;
      readonly state: 'tags';
      readonly id: string;
      readonly service: string | null;
      readonly tags: readonly string[];
    };

/** The orders; they are taken out of the environment, which is the function's from here on. */
export function readOrders(): LaunchOrders {
  const text = process.env[ORDERS_VARIABLE];
  if (text === undefined) throw new Error(`${ORDERS_VARIABLE} is not set: svc start runs this program`);
  delete process.env[ORDERS_VARIABLE];
  return JSON.parse(text) as LaunchOrders;
}
