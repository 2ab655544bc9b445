import type * as RoutingUtils from '@vercel/routing-utils';

/**
 * The vendor's own conversion of sources to routes, so that svc writes the same table. Loaded only when there is a rule
 * to convert.
 */
export async function loadRoutingUtils(): Promise<typeof RoutingUtils> {
  const module = await import('@vercel/routing-utils');
  return ('default' in module ? module.default : module) as typeof RoutingUtils;
}

/**
 * The library compares two versions of path-to-regexp and writes differences to the console, which means nothing to
 * users. The calls are synchronous, so nobody else's output is lost meanwhile.
 */
export function quietly<T>(call: () => T): T {
  const original = console.error;
  console.error = () => {};
  try {
    return call();
  } finally {
    console.error = original;
  }
}
