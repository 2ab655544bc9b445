import type { RequestRecord } from '../events.ts';
import type { PlainArrival } from './short-way.ts';
import { type Arrival, tellOf } from './visit.ts';

type Answered = Pick<RequestRecord, 'status' | 'bytes' | 'service' | 'invoked' | 'aborted'>;

/** Tells of a plain request that was answered on the short way. */
export function tellPlainly(
  { site, door, plain }: PlainArrival,
  { origin, time, began }: Arrival,
  { status, bytes, service, invoked, aborted }: Answered,
): void {
  tellOf(site, {
    id: origin.id,
    time,
    method: plain.method,
    target: plain.target,
    host: origin.host,
    status,
    duration: performance.now() - began,
    bytes,
    service,
    caller: door.caller,
    invoked,
    aborted,
  });
}
