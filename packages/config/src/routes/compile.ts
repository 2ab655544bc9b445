import type { Json, Route } from '@svc/contracts';
import type { GetRoutesProps } from '@vercel/routing-utils';
import { loadRoutingUtils, quietly } from './routing-utils.ts';

/** The routing fields, at the top level or in a service. */
export const ROUTING_KEYS = [
  'cleanUrls',
  'trailingSlash',
  'routes',
  'redirects',
  'headers',
  'rewrites',
] as const;

type Fields = { readonly [key: string]: Json };

/** The routing fields alone; undefined when there are none, and then nothing needs converting. */
export function routingFields(config: Fields): Fields | undefined {
  const found = ROUTING_KEYS.flatMap(key => (config[key] === undefined ? [] : [[key, config[key]] as const]));
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/**
 * The table that the vendor's CLI writes for these fields: sections 5, 6.1 and 6.2 of the services reference.
 * The fields must have passed `checkRules`; what the library still refuses is a bug of ours.
 */
export async function compileRoutes(config: Fields): Promise<readonly Route[]> {
  const fields = routingFields(config);
  if (!fields) return [];
  const { getTransformedRoutes, mergeRoutes } = await loadRoutingUtils();
  // The library changes what it is given: it lower-cases header names in place.
  const { routes, error } = quietly(() => getTransformedRoutes(structuredClone(fields) as GetRoutesProps));
  if (error) throw new Error(`rules that passed all checks were refused: ${error.message}`);
  // Each phase once, in the order of its first use: a user's own filesystem phase and that of rewrites become one.
  return mergeRoutes({ userRoutes: routes, builds: [] }) as readonly Route[];
}
