import type { HeaderTransform } from '../decision.ts';
import { operatorTest, type Report } from './conditions.ts';
import { type Bindings, fill, type Template, templateOf } from './template.ts';

/** A compiled transform of a rule. */
export type Transform =
  | { readonly on: 'path'; readonly args: Template; readonly env: readonly string[] }
  | {
      readonly on: 'request.headers' | 'request.query' | 'response.headers';
      readonly op: 'set' | 'append' | 'delete';
      /** A name with holes, or a test. */
      readonly key: Template | ((name: string) => boolean);
      readonly args: readonly Template[];
      readonly hasArgs: boolean;
      readonly env: readonly string[];
    };

/** A transform of one match: its arguments are filled in. For headers and for queries alike. */
export type Edit = HeaderTransform;

const TARGETS = ['request.headers', 'request.query', 'response.headers'] as const;
const OPERATIONS = ['set', 'append', 'delete'] as const;
const LONGEST_PATH = 2048;

export function transformOf(value: unknown, report: Report): Transform | undefined {
  if (typeof value !== 'object' || value === null) return report('has a transform that is no object');
  const { type, op, target, args, env } = value as Record<string, unknown>;
  const variables = Array.isArray(env) ? env.map(String) : [];
  if (type === 'request.path') {
    return typeof args === 'string'
      ? { on: 'path', args: templateOf(args), env: variables }
      : report('has a request.path transform without a path');
  }
  const on = TARGETS.find(each => each === type);
  const operation = OPERATIONS.find(each => each === op);
  if (!on || !operation) return report(`has an unknown transform: ${String(op)} ${String(type)}`);
  const key = keyOf((target as Record<string, unknown> | undefined)?.key, report);
  if (!key) return undefined;
  const texts = args === undefined ? [] : Array.isArray(args) ? args.map(String) : [String(args)];
  return { on, op: operation, key, args: texts.map(templateOf), hasArgs: args !== undefined, env: variables };
}

function keyOf(key: unknown, report: Report): Template | ((name: string) => boolean) | undefined {
  if (typeof key === 'string') return templateOf(key);
  if (typeof key !== 'object' || key === null) return report('has a transform without a key');
  const tests: ((name: string) => boolean)[] = [];
  for (const [operator, operand] of Object.entries(key)) {
    const test = operatorTest(operator, lowerCase(operand));
    if (!test) return report(`has a transform with the unknown operator "${operator}"`);
    tests.push(test);
  }
  return name => tests.every(test => test(name));
}

function lowerCase(operand: unknown): unknown {
  if (Array.isArray(operand)) return operand.map(lowerCase);
  return typeof operand === 'string' ? operand.toLowerCase() : operand;
}

/**
 * The path that the code is to see, or undefined for what is no path: `//x`, spaces, control characters, queries (section
 * 6.4 of the services reference). Such a transform is dropped.
 */
export function pathFrom(
  transform: Extract<Transform, { on: 'path' }>,
  bindings: Bindings,
): string | undefined {
  const path = fill(transform.args, bindings, 'url', true);
  const isPath = path.length <= LONGEST_PATH && /^\/(?!\/)[^\s?#\p{Cc}]*$/u.test(path);
  return isPath ? path : undefined;
}

/** A transform with its arguments filled in; undefined where headers cannot hold the result, which skips it silently. */
export function editFrom(
  transform: Exclude<Transform, { on: 'path' }>,
  bindings: Bindings,
): Edit | undefined {
  const { op, key, on, hasArgs } = transform;
  const values = transform.args.map(template => fill(template, bindings, 'plain', true));
  const name = typeof key === 'function' ? undefined : fill(key, bindings, 'plain', true);
  if (on !== 'request.query' && op !== 'delete' && !fitsHeader(name, values)) return undefined;
  if (op !== 'delete' && !hasArgs) return undefined;
  const wanted = name?.toLowerCase();
  return {
    op,
    matches: typeof key === 'function' ? key : candidate => candidate === wanted,
    ...(name === undefined ? {} : { name }),
    values,
  };
}

const HEADER_VALUE = /^[-\w:;.,/\\"'?!(){}[\]@<>=+*#$&`|~%^ ]+$/;

function fitsHeader(name: string | undefined, values: readonly string[]): boolean {
  return (name === undefined || /^[-\w]+$/.test(name)) && values.every(value => HEADER_VALUE.test(value));
}

/**
 * Applies one edit to what has several values by name, in order. `set` replaces and else creates, `append` adds and else
 * creates, `delete` without values takes everything and with values only these. Values are compared without regard to
 * case, as names are.
 */
export function applyEdit(
  entries: Map<string, readonly string[]>,
  edit: Edit,
  lowerCaseNames: boolean,
): void {
  const names = [...entries.keys()].filter(name => edit.matches(name.toLowerCase()));
  const { values } = edit;
  if (edit.op === 'delete') {
    const unwanted = new Set(values.map(value => value.toLowerCase()));
    for (const name of names) {
      const kept =
        values.length === 0
          ? []
          : (entries.get(name) ?? []).filter(value => !unwanted.has(value.toLowerCase()));
      if (kept.length === 0) entries.delete(name);
      else entries.set(name, kept);
    }
    return;
  }
  for (const name of names) {
    entries.set(name, edit.op === 'set' ? values : [...(entries.get(name) ?? []), ...values]);
  }
  const isEmpty = values.length === 0 || (values.length === 1 && values[0] === '');
  if (names.length === 0 && edit.name !== undefined && !isEmpty) {
    entries.set(lowerCaseNames ? edit.name.toLowerCase() : edit.name, values);
  }
}
