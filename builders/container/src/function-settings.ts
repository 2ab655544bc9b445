import type { JsonObject, Notice, ServiceConfig } from '@svc/contracts';
import picomatch from 'picomatch';

function matchesFunction(pattern: string, entrypoint: string): boolean {
  const wanted = pattern.replace(/^\.?\//, '');
  return wanted === entrypoint || picomatch(wanted, { dot: true })(entrypoint);
}

/** The settings of the first key that fits; there is no merging (section 1.4 of the services reference). */
export function settingsFor(service: ServiceConfig, entrypoint: string): JsonObject {
  const found = Object.entries(service.functions).find(([pattern]) => matchesFunction(pattern, entrypoint));
  return found ? (JSON.parse(JSON.stringify(found[1])) as JsonObject) : {};
}

/** Keys of `functions` that have no effect: they match nothing, or stand behind one that matches. */
export function unusedFunctions(service: ServiceConfig, entrypoint: string): Notice[] {
  const keys = Object.keys(service.functions);
  const used = keys.find(key => matchesFunction(key, entrypoint));
  return keys
    .filter(key => key !== used)
    .map(key => {
      const position = service.positions[`functions.${key}`];
      return {
        code: 'functions-key-unused',
        service: service.name,
        message: matchesFunction(key, entrypoint)
          ? `"${key}" in functions of ${service.name} has no effect: "${used}" stands before it and the first match wins`
          : `"${key}" in functions of ${service.name} matches nothing: the service's only function is the image of ${entrypoint}`,
        help: `Write "${entrypoint}" as the key, or a glob that matches it.`,
        ...(position ? { position } : {}),
      };
    });
}
