import type { FailureCode, Json } from '@svc/contracts';
import type { Path } from '../document.ts';
import { nearest } from './near-miss.ts';
import type { Report } from './report.ts';
import { isObject, kindOf, listed, NameOf, nameOf, quote } from './words.ts';

/** Looks at one value and reports all that is wrong with it. The tables of fields in `schema/` are made of these. */
export type Check = (value: Json, path: Path, report: Report) => void;

function wrong(report: Report, path: Path, message: string, help?: string): void {
  report({ code: 'config-invalid-value', path, part: 'value', message, help });
}

export interface TextRule {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** Says the pattern in words, as the end of the sentence "… must …". */
  readonly says?: string;
  /** What to do about an empty text. */
  readonly whenEmpty?: string;
}

export function text(rule: TextRule = {}): Check {
  return (value, path, report) => {
    if (typeof value !== 'string') {
      const help = typeof value === 'number' ? `Put it in quotes: "${value}".` : undefined;
      return wrong(report, path, `${NameOf(path)} must be text; it is ${kindOf(value)}`, help);
    }
    if (value.length < (rule.min ?? 0)) {
      return wrong(
        report,
        path,
        `${NameOf(path)} is empty`,
        rule.whenEmpty ?? 'Give it a value, or leave it out.',
      );
    }
    if (rule.max !== undefined && value.length > rule.max) {
      return wrong(
        report,
        path,
        `${NameOf(path)} is too long: ${value.length} characters; at most ${rule.max} are allowed`,
      );
    }
    if (rule.pattern && !rule.pattern.test(value)) {
      wrong(report, path, `${NameOf(path)} must ${rule.says ?? 'have another form'}; it is ${quote(value)}`);
    }
  };
}

export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
}

export function whole(rule: NumberRule = {}): Check {
  return number({ ...rule, whole: true });
}

export function number(rule: NumberRule & { readonly whole?: true } = {}): Check {
  const noun = rule.whole ? 'a whole number' : 'a number';
  return (value, path, report) => {
    if (typeof value !== 'number') {
      const unquoted = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
      const help = unquoted ? `Write it without quotes: ${Number(value)}.` : undefined;
      return wrong(
        report,
        path,
        `${NameOf(path)} must be ${noun}${range(rule)}; it is ${kindOf(value)}`,
        help,
      );
    }
    const fits =
      (!rule.whole || Number.isInteger(value)) &&
      value >= (rule.min ?? -Infinity) &&
      value <= (rule.max ?? Infinity) &&
      value > (rule.above ?? -Infinity);
    if (!fits) wrong(report, path, `${NameOf(path)} must be ${noun}${range(rule)}; it is ${value}`);
  };
}

function range({ min, max, above }: NumberRule): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  if (above !== undefined) return ` above ${above}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

export const flag: Check = (value, path, report) => {
  if (typeof value === 'boolean') return;
  const help = value === 'true' || value === 'false' ? `Write ${value} without quotes.` : undefined;
  wrong(report, path, `${NameOf(path)} must be true or false; it is ${kindOf(value)}`, help);
};

export function oneOf(...allowed: readonly string[]): Check {
  return (value, path, report) => {
    if (typeof value === 'string' && allowed.includes(value)) return;
    const near = typeof value === 'string' ? nearest(value, allowed, 1) : undefined;
    const choices = listed(
      allowed.map(choice => `"${choice}"`),
      'or',
    );
    wrong(
      report,
      path,
      `${NameOf(path)} must be ${choices}; it is ${kindOf(value)}`,
      near && allowed.length > 1 ? `Did you mean "${near}"?` : undefined,
    );
  };
}

export function list(item: Check, limits: { readonly min?: number; readonly max?: number } = {}): Check {
  return (value, path, report) => {
    if (!Array.isArray(value)) {
      return wrong(
        report,
        path,
        `${NameOf(path)} must be a list; it is ${kindOf(value)}`,
        'Put it in square brackets: [ … ].',
      );
    }
    if (value.length > (limits.max ?? Infinity)) {
      wrong(report, path, `${NameOf(path)} has ${value.length} entries; at most ${limits.max} are allowed`);
    }
    if (value.length < (limits.min ?? 0)) {
      wrong(report, path, `${NameOf(path)} is an empty list`, 'Leave it out, or put something in.');
    }
    value.forEach((entry: Json, index) => {
      item(entry, [...path, index], report);
    });
  };
}

/** Anything at all: for fields that svc passes on without reading them. */
export const anything: Check = () => {};

export const object: Check = (value, path, report) => {
  if (!isObject(value))
    wrong(report, path, `${NameOf(path)} must be an object { … }; it is ${kindOf(value)}`);
};

/** An object whose keys the user chooses. */
export function table(
  value: Check,
  limits: { readonly min?: number; readonly max?: number; readonly keyMax?: number } = {},
): Check {
  return (entries, path, report) => {
    if (!isObject(entries)) return object(entries, path, report);
    const keys = Object.keys(entries);
    if (keys.length > (limits.max ?? Infinity)) {
      wrong(report, path, `${NameOf(path)} has ${keys.length} entries; at most ${limits.max} are allowed`);
    }
    if (keys.length < (limits.min ?? 0)) {
      wrong(report, path, `${NameOf(path)} is empty`, 'Leave it out, or put something in.');
    }
    for (const [key, entry] of Object.entries(entries)) {
      if (key.length < 1 || key.length > (limits.keyMax ?? Infinity)) {
        const message = `A name in ${nameOf(path)} must have 1 to ${limits.keyMax} characters; this has ${key.length}`;
        report({ code: 'config-invalid-value', path: [...path, key], part: 'key', message });
      }
      value(entry, [...path, key], report);
    }
  };
}

/** How an unknown field of a closed object is explained when it is a known mistake and not a slip of the keyboard. */
export type Misplaced = (
  path: Path,
  value: Json,
) => {
  readonly message: string;
  readonly help: string;
  readonly code?: FailureCode;
};

export interface ClosedRule {
  /** What the object is called: `a service`, `a rewrite`. */
  readonly noun: string;
  readonly fields: Readonly<Record<string, Check>>;
  readonly required?: readonly string[];
  readonly misplaced?: Readonly<Record<string, Misplaced>>;
  /** Words that people write for a field, and the field. */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** The lines to write when required fields are missing. */
  readonly example?: string;
}

/** An object that has these fields and no others. */
export function closed(rule: ClosedRule): Check {
  return (value, path, report) => {
    if (!isObject(value)) {
      const help = rule.example === undefined ? undefined : `Write for example ${rule.example}.`;
      const message = `${NameOf(path)} must be an object { … } that describes ${rule.noun}; it is ${kindOf(value)}`;
      return wrong(report, path, message, help);
    }
    for (const [key, entry] of Object.entries(value)) {
      const check = Object.hasOwn(rule.fields, key) ? rule.fields[key] : undefined;
      if (check) check(entry, [...path, key], report);
      else report({ path: [...path, key], part: 'key', ...explainUnknown(rule, path, key, value) });
    }
    for (const key of rule.required ?? []) {
      if (Object.hasOwn(value, key)) continue;
      const misspelt = Object.keys(value).some(
        written => !Object.hasOwn(rule.fields, written) && suggestion(rule, written, value) === key,
      );
      // The slip is already reported with the right spelling: once it is put right nothing is missing.
      if (misspelt) continue;
      const help = rule.example === undefined ? undefined : `Write for example ${rule.example}.`;
      const message = `${NameOf(path)} has no "${key}"`;
      report({ code: 'config-missing-field', path, part: 'key', message, help });
    }
  };
}

function explainUnknown(
  rule: ClosedRule,
  path: Path,
  key: string,
  value: { readonly [key: string]: Json },
): { readonly code: FailureCode; readonly message: string; readonly help: string } {
  const misplaced = Object.hasOwn(rule.misplaced ?? {}, key) ? rule.misplaced?.[key] : undefined;
  if (misplaced) return { code: 'config-forbidden-field', ...misplaced(path, value[key] ?? null) };
  const near = suggestion(rule, key, value);
  return {
    code: 'config-unknown-field',
    message: `"${key}" is no field of ${rule.noun}`,
    help: near ? `Did you mean "${near}"?` : `Its fields are ${listed(Object.keys(rule.fields))}.`,
  };
}

function suggestion(
  rule: ClosedRule,
  key: string,
  value: { readonly [key: string]: Json },
): string | undefined {
  const synonym = Object.hasOwn(rule.synonyms ?? {}, key) ? rule.synonyms?.[key] : undefined;
  // A field that is there already is not what the user meant to write.
  const free = Object.keys(rule.fields).filter(field => !Object.hasOwn(value, field));
  return synonym && free.includes(synonym) ? synonym : nearest(key, free);
}
