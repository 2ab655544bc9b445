import type { ResponseRules } from './decision.ts';
import { applyEdit } from './table/transforms.ts';

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** These hold commas that separate nothing. */
const NOT_LISTS = new Set(['cookie', 'set-cookie', 'date', 'expires', 'last-modified', 'if-modified-since']);

/**
 * The headers to send: what the answer itself has, completed and transformed by the tables. A header of the answer is
 * kept where a table has one of the same name, unless that is `important`; cookies come beside each other.
 *
 * @param own the answer's own headers, names in any case; a name may come several times (`set-cookie`).
 * @returns lower-case names where a table touched them, the others as they came.
 */
export function finishHeaders(rules: ResponseRules, own: HeaderList): HeaderList {
  if (rules.headers.length === 0 && rules.transforms.length === 0) return own;
  const had = new Set(own.map(([name]) => name.toLowerCase()));
  const replaced = new Set(rules.headers.filter(({ important }) => important).map(({ name }) => name));
  const merged = [
    ...own.filter(([name]) => !replaced.has(name.toLowerCase())),
    ...rules.headers
      .filter(({ name, important }) => important || name === 'set-cookie' || !had.has(name))
      .map(({ name, value }) => [name, value] as const),
  ];
  return rules.transforms.length === 0 ? merged : transformed(merged, rules);
}

function transformed(headers: HeaderList, { transforms }: ResponseRules): HeaderList {
  const entries = new Map<string, readonly string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    entries.set(key, [...(entries.get(key) ?? []), ...headerValues(key, value)]);
  }
  const before = new Map(entries);
  for (const transform of transforms) applyEdit(entries, transform, true);
  const untouched = headers.filter(([name]) => {
    const key = name.toLowerCase();
    return entries.get(key) === before.get(key);
  });
  const touched = [...entries].filter(([name, values]) => values !== before.get(name));
  return [
    ...untouched,
    ...touched.flatMap(([name, values]) =>
      name === 'set-cookie'
        ? values.map(value => [name, value] as const)
        : [[name, values.join(', ')] as const],
    ),
  ];
}

/** The list that a header's value is. */
export function headerValues(name: string, value: string): readonly string[] {
  if (NOT_LISTS.has(name) || !value.includes(',')) return [value];
  return value
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '');
}
