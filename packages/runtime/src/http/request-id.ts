import { randomBytes } from 'node:crypto';

const start = randomBytes(3).toString('hex');
let count = 0;

/**
 * A name for one request, in the form of the platform's (`REGION::five-characters-time-random`): it is in the response, in
 * what the function sees, in the access log and in error pages.
 */
export function nextRequestId(): string {
  const number = (count++ & 0xffffff).toString(16).padStart(6, '0');
  return `svc1::${number.slice(1)}-${Date.now()}-${start}${number}`;
}
