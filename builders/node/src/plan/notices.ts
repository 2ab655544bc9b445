import type { Notice, ServiceConfig } from '@svc/contracts';
import { matchesFunction } from '../function-settings.ts';
import { DEFAULT_NODE_MAJOR, nodeMajor } from './node-version.ts';

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
        message:
          used !== undefined && matchesFunction(key, entrypoint)
            ? `"${key}" in functions of ${service.name} has no effect: "${used}" stands before it and the first match wins`
            : `"${key}" in functions of ${service.name} matches nothing: the service's only function is ${entrypoint}`,
        help: `Write "${entrypoint}" as the key, or a glob that matches it.`,
        ...(position ? { position } : {}),
      };
    });
}

export function unusableEngines(range: string | undefined): Notice[] {
  if (nodeMajor(range) !== undefined) return [];
  return [
    {
      code: 'node-version-unsupported',
      message: `"engines": { "node": "${range}" } in package.json admits none of Node 20, 22 and 24; the function will run on ${DEFAULT_NODE_MAJOR}`,
      help: `Widen the range, for example to ">=${DEFAULT_NODE_MAJOR}".`,
    },
  ];
}
