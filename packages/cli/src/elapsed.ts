/**
 * Milliseconds since the process began. Node has this at hand from the start; `performance` it has to load, which takes a
 * millisecond.
 */
export function elapsed(): number {
  return process.uptime() * 1000;
}
