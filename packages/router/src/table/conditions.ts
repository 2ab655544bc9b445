import type { Incoming } from '../incoming.ts';
import { compilePattern, type Pattern } from '../pattern/pattern.ts';

/** A condition of `has` or `missing`. */
export interface Condition {
  readonly type: 'host' | 'header' | 'cookie' | 'query';
  readonly key: string;
  /** Absent when it is enough that the thing is there. */
  readonly value: ValueTest | undefined;
  /** For explanations: `header x-beta`. */
  readonly label: string;
}

interface ValueTest {
  readonly pattern?: Pattern;
  /** A negative test has to hold for all values, any other for one. */
  readonly tests: readonly { readonly negative: boolean; holds(value: string): boolean }[];
}

export type Captured = Record<string, string>;
/** Gives nothing, so that a reader of rules can end with it. */
export type Report = (problem: string) => undefined;

/** Reads one entry of `has` or `missing`; what is wrong with it goes to `report`. */
export function conditionOf(value: unknown, report: Report): Condition | undefined {
  if (typeof value !== 'object' || value === null) return report('has a condition that is no object');
  const { type, key, value: wanted } = value as Record<string, unknown>;
  if (type !== 'host' && type !== 'header' && type !== 'cookie' && type !== 'query') {
    return report(`has a condition of the unknown type ${JSON.stringify(type)}`);
  }
  if (type !== 'host' && typeof key !== 'string') return report(`has a ${type} condition without a key`);
  if (type === 'host' && wanted === undefined) return report('has a host condition without a value');
  const name = type === 'host' ? 'host' : type === 'header' ? String(key).toLowerCase() : String(key);
  const test = wanted === undefined ? undefined : valueTest(wanted, report);
  return { type, key: name, value: test, label: type === 'host' ? 'host' : `${type} ${name}` };
}

/**
 * Whether the request meets a condition. Named groups of its expression and, without one, the value itself are added to
 * `captured`. Of several values one is enough. A host is compared without its port unless the port is asked for.
 */
export function meets(condition: Condition, request: Incoming, captured: Captured | undefined): boolean {
  const values = valuesOf(condition, request);
  if (values.length === 0) return false;
  const { value: test } = condition;
  if (!test) {
    if (captured && condition.type !== 'host') captured[condition.key] = values[0] ?? '';
    return true;
  }
  const { pattern, tests } = test;
  const plainHold = tests.every(({ negative, holds }) => values[negative ? 'every' : 'some'](holds));
  if (!plainHold) return false;
  if (!pattern) return true;
  for (const value of values) {
    const groups = pattern.match(value);
    if (!groups) continue;
    if (captured) {
      if (condition.type === 'host') captured.host = value;
      for (const [name, numbers] of pattern.names) {
        const group = numbers.map(number => groups[number]).find(each => each !== undefined);
        if (group !== undefined) captured[name] = group;
      }
    }
    return true;
  }
  return false;
}

function valuesOf({ type, key }: Condition, request: Incoming): readonly string[] {
  switch (type) {
    case 'host':
      return request.hosts;
    case 'header':
      return request.header(key);
    case 'cookie':
      return request.cookie(key);
    case 'query':
      return request.parameter(key);
  }
}

/** A string is an expression for the whole value; an object has operators, all of which must hold. */
function valueTest(wanted: unknown, report: Report): ValueTest | undefined {
  if (typeof wanted === 'string') return patternTest(`^(?:${wanted})$`, [], report);
  if (typeof wanted !== 'object' || wanted === null) {
    return report('has a condition whose value is neither text nor operators');
  }
  const tests: { negative: boolean; holds(value: string): boolean }[] = [];
  let expression: string | undefined;
  for (const [operator, operand] of Object.entries(wanted)) {
    if (operator === 're') expression = String(operand);
    else {
      const test = operatorTest(operator, operand);
      if (test) tests.push({ negative: operator === 'neq' || operator === 'ninc', holds: test });
      else report(`has a condition with the unknown operator "${operator}"`);
    }
  }
  return expression === undefined ? { tests } : patternTest(expression, tests, report);
}

function patternTest(source: string, tests: ValueTest['tests'], report: Report): ValueTest | undefined {
  const compiled = compilePattern(source);
  if (!compiled.ok) return report(`has a condition whose expression ${compiled.problem}`);
  return { pattern: compiled.pattern, tests };
}

/** The operators that conditions and targets of transforms share; undefined for one that does not exist. */
export function operatorTest(operator: string, operand: unknown): ((value: string) => boolean) | undefined {
  const list = Array.isArray(operand) ? operand.map(String) : [String(operand)];
  const [text = ''] = list;
  const limit = Number(operand);
  switch (operator) {
    case 'eq':
      return value => value === text;
    case 'neq':
      return value => value !== text;
    case 'inc':
      return value => list.includes(value);
    case 'ninc':
      return value => !list.includes(value);
    case 'pre':
      return value => value.startsWith(text);
    case 'suf':
      return value => value.endsWith(text);
    case 'gt':
      return value => numberOf(value) > limit;
    case 'gte':
      return value => numberOf(value) >= limit;
    case 'lt':
      return value => numberOf(value) < limit;
    case 'lte':
      return value => numberOf(value) <= limit;
    default:
      return undefined;
  }
}

/** Nothing compares with what is no number, the empty text included. */
function numberOf(value: string): number {
  return value.trim() === '' ? Number.NaN : Number(value);
}
