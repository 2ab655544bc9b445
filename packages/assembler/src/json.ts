import type { Json } from '@svc/contracts';
import { sortedByBytes } from './bytes.ts';

/**
 * JSON in one fixed form: members sorted by the bytes of their names, two spaces of indentation, no space before colons.
 * `JSON.stringify` alone would keep the order of insertion and put names that look like numbers first.
 */
export function canonicalJson(value: Json, indent = ''): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}  `;
  if (isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map(item => inner + canonicalJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  const members = sortedByBytes(Object.keys(value)).flatMap(name => {
    const member = value[name];
    return member === undefined ? [] : [`${inner}${JSON.stringify(name)}: ${canonicalJson(member, inner)}`];
  });
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}

function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `undefined` when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
