import type { Json, JsonObject } from '@svc/contracts';
import { isObject } from '../checks/words.ts';
import type { Path } from '../document.ts';

/** The routing tables of a configuration: the public one, then those of the services. */
export function tablesOf(config: JsonObject): readonly (readonly [table: JsonObject, path: Path])[] {
  const services = Object.entries(isObject(config.services) ? config.services : {});
  return [
    [config, []],
    ...services.flatMap(([name, table]) => (isObject(table) ? [[table, ['services', name]] as const] : [])),
  ];
}

export const RULE_FIELDS = ['redirects', 'headers', 'rewrites', 'routes'] as const;

export function rulesOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** As the conversion of low-level routes has it. */
export function anchored(source: string): string {
  const start = source.startsWith('^') ? source : `^${source}`;
  return (start.endsWith('$') ? start : `${start}$`).replaceAll('\\/', '/');
}
