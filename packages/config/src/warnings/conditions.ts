import type { JsonObject, Notice } from '@svc/contracts';
import { isObject } from '../checks/words.ts';
import type { Document, Path } from '../document.ts';
import type { WarningContext } from './index.ts';
import { RULE_FIELDS, rulesOf, tablesOf } from './rule-tables.ts';

/** The values of `has` and `missing` are expressions that the vendor's schema does not look into. */
export function warnAboutConditions({
  config,
  document,
}: WarningContext & { readonly document: Document }): readonly Notice[] {
  return tablesOf(config).flatMap(([table, path]) =>
    RULE_FIELDS.flatMap(field =>
      rulesOf(table[field]).flatMap((rule, index) =>
        ['has', 'missing'].flatMap(kind =>
          rulesOf(rule[kind]).flatMap((condition, at) =>
            inCondition(condition, [...path, field, index, kind, at], document),
          ),
        ),
      ),
    ),
  );
}

function inCondition(condition: JsonObject, path: Path, document: Document): readonly Notice[] {
  const { value } = condition;
  const [expression, at] = isObject(value)
    ? [value.re, [...path, 'value', 're']]
    : [value, [...path, 'value']];
  const problem = typeof expression === 'string' ? expressionProblem(expression) : undefined;
  if (problem === undefined) return [];
  return [
    {
      code: 'condition-not-understood',
      message: `The value of this condition is no valid regular expression: ${problem}`,
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
