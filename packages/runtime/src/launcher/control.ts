import { connect } from 'node:net';
import type { LaunchOrders, LaunchReport } from './orders.ts';

type Saying<T> = T extends unknown ? Omit<T, 'instance'> : never;

/**
 * The line to svc. It does not keep the process alive, and when it breaks the function ends: svc was killed, and nobody
 * else would end it.
 */
export function reportTo({ control, instance }: LaunchOrders): {
  /** @param done called when the report is on its way. */
  say(report: Saying<LaunchReport>, done?: () => void): void;
} {
  const socket = connect(control);
  socket.on('error', () => process.exit(1));
  socket.on('close', () => process.exit(1));
  socket.resume();
  socket.unref();
  return {
    say: (report, done) => void socket.write(`${JSON.stringify({ instance, ...report })}\n`, () => done?.()),
  };
}
