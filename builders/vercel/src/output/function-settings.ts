import type { JsonObject } from '@svc/contracts';
import picomatch from 'picomatch';
import type { FunctionSettings } from './function.ts';

/** The settings that apply to a function as a whole; the others are the builder's to follow. */
const APPLIED = [
  'architecture',
  'memory',
  'maxDuration',
  'affinity',
  'maxConcurrency',
  'regions',
  'functionFailoverRegions',
  'experimentalTriggers',
  'supportsCancellation',
];

/**
 * What `functions` says of a service's single function: the first key that is its source or matches it, as the vendor's CLI
 * applies it to builders of version 3 (those of version 2 do it themselves; section 1.4 of the services reference).
 */
export function settingsFor(functions: JsonObject, source: string): FunctionSettings {
  const found = Object.entries(functions).find(
    ([pattern]) => pattern === source || picomatch(pattern, { dot: true })(source),
  );
  const settings = (found?.[1] ?? {}) as JsonObject;
  return Object.fromEntries(APPLIED.flatMap(name => (name in settings ? [[name, settings[name]]] : [])));
}
