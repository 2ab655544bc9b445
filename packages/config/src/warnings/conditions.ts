import type { Json, JsonObject, Notice } from '@svc/contracts';
import { isObject } from '../checks/words.ts';
import type { Document, Path } from '../document.ts';
import type { WarningContext } from './index.ts';

const RULES = ['redirects', 'headers', 'rewrites', 'routes'];

/** The values of `has` and `missing` are expressions that the vendor's schema does not look into. */
export function warnAboutConditions({
  config,
  document,
}: WarningContext & { readonly document: Document }): readonly Notice[] {
  const services = Object.entries(isObject(config.services) ? config.services : {});
  const tables: (readonly [Json, Path])[] = [
    [config, []],
    ...services.map(([name, service]) => [service, ['services', name]] as const),
  ];
  return tables.flatMap(([table, path]) => (isObject(table) ? inTable(table, path, document) : []));
}

function inTable(table: JsonObject, path: Path, document: Document): readonly Notice[] {
  return RULES.flatMap(field =>
    entriesOf(table[field]).flatMap(([index, rule]) =>
      ['has', 'missing'].flatMap(kind =>
        entriesOf(isObject(rule) ? rule[kind] : undefined).flatMap(([at, condition]) =>
          inCondition(condition, [...path, field, index, kind, at], document),
        ),
      ),
    ),
  );
}

function entriesOf(value: Json | undefined): readonly (readonly [number, Json])[] {
  return Array.isArray(value) ? [...value.entries()] : [];
}

function inCondition(condition: Json, path: Path, document: Document): readonly Notice[] {
  const value = isObject(condition) ? condition.value : undefined;
  const [expression, at] = isObject(value)
    ? [value.re, [...path, 'value', 're']]
    : [value, [...path, 'value']];
  const problem = typeof expression === 'string' ? expressionProblem(expression) : undefined;
  if (problem === undefined) return [];
  return [
    {
      code: 'condition-not-understood',
      message: `The value of this condition is no regular expression that JavaScript knows, so it never holds: ${problem}`,
      help: 'To compare with a plain text write { "eq": "text" }.',
      position: document.place(at),
    },
  ];
}

function expressionProblem(expression: string): string | undefined {
  try {
    new RegExp(expression);
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? error.message.replace(/^Invalid regular expression: /, '')
      : String(error);
  }
}
