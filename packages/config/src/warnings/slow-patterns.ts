import type { JsonObject, Notice } from '@svc/contracts';
import type { Document, Path } from '../document.ts';
import { blowsUp } from '../patterns/blow-up.ts';
import { anchored, RULE_FIELDS, rulesOf, tablesOf } from './rule-tables.ts';

/** Every pattern that is matched against requests, wherever it stands. `compile` makes an expression of a source. */
export function slowPatterns(
  { config, document }: { readonly config: JsonObject; readonly document: Document },
  compile: (source: string) => string,
): readonly Notice[] {
  return tablesOf(config).flatMap(([table, path]) =>
    RULE_FIELDS.flatMap(field =>
      rulesOf(table[field]).flatMap((rule, index) => {
        const key = field === 'routes' && rule.src !== undefined ? 'src' : 'source';
        const source = rule[key];
        if (typeof source !== 'string') return [];
        const pattern = field === 'routes' ? anchored(source) : compile(source);
        return blowsUp(pattern) ? [slow(document, source, [...path, field, index, key])] : [];
      }),
    ),
  );
}

function slow(document: Document, source: string, path: Path): Notice {
  return {
    code: 'slow-pattern',
    message: `"${source}" can take very long to match: a repetition inside a repetition makes the time double with each character`,
    help: 'Repeat once only: "(a+)+" matches the same as "a+".',
    position: document.place(path),
  };
}
