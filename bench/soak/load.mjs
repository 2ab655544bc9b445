const TICK = 10;
/** Requests that may be on their way at the same time; beyond it a stalled machine would only be stalled more. */
const MOST_AT_ONCE = 500;
/** Seconds of requests that are made up for after a pause: the load is to stay steady. */
const MOST_ARREARS = 1;

/**
 * Starts `rate` requests a second for `seconds`, however long their answers take (an open loop), and resolves when all are
 * answered. `one` starts a request and must not reject.
 *
 * @returns how many were started, and the most that were on their way at once.
 */
export async function load({ rate, seconds, one }) {
  const running = new Set();
  let started = 0;
  let most = 0;
  let due = 0;
  let last = performance.now();
  const end = last + seconds * 1000;
  while (last < end) {
    await new Promise(resolve => setTimeout(resolve, TICK));
    const now = performance.now();
    due = Math.min(due + ((now - last) / 1000) * rate, rate * MOST_ARREARS);
    last = now;
    for (; due >= 1 && running.size < MOST_AT_ONCE; due--) {
      const answered = one(started++).finally(() => running.delete(answered));
      running.add(answered);
    }
    most = Math.max(most, running.size);
  }
  await Promise.all(running);
  return { started, most };
}
