import type { Duplex } from 'node:stream';
import type { Decision, RouterRequest } from '@svc/router';
import type { Guard } from '../protection/guard.ts';
import { ShortExchanges } from './short-exchanges.ts';
import type { Visit } from './visit.ts';

/** Who comes in by a listener, and what decides about them. */
export interface Door {
  /** The service that calls over a binding; null for the public. */
  readonly caller: string | null;
  decide(request: RouterRequest): Decision;
  /** Asks visitors for a password first. */
  readonly guard?: Guard;
}

/** Requests that are being answered, so that stopping can wait for them. */
export interface Traffic {
  readonly running: Set<Visit>;
  /** Those that go the short way: no visits yet. */
  readonly short: ShortExchanges;
  /** Connections with another protocol: they have no end to wait for. */
  readonly tunnels: Set<Duplex>;
}

export function noTraffic(): Traffic {
  return { running: new Set(), short: new ShortExchanges(), tunnels: new Set() };
}
