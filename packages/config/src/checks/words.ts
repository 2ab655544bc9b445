import type { Json } from '@svc/contracts';
import type { Path } from '../document.ts';

/** What the user calls the thing at `path`: `"root" of service "web"`, `"rewrites[0].source"`. */
export function nameOf(path: Path): string {
  if (path.length === 0) return 'The configuration';
  if (path[0] !== 'services' || path.length < 2) return `"${dotted(path)}"`;
  const service = `service "${path[1]}"`;
  return path.length === 2 ? service : `"${dotted(path.slice(2))}" of ${service}`;
}

/** The same at the start of a sentence. */
export function NameOf(path: Path): string {
  return nameOf(path).replace(/^service/, 'Service');
}

function dotted(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w$]+$/.test(step)) return `${text}['${step}']`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

export function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string') return `the text ${quote(value)}`;
  return 'an object';
}

/** A value as the user wrote it, cut where it is long. */
export function quote(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** JSON on one line as people write it: `{ "a": [1, 2] }`. */
export function inline(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${inline(entry)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[], last = 'and'): string {
  const head = items.slice(0, -1);
  const tail = items.at(-1) ?? '';
  return head.length === 0 ? tail : `${head.join(', ')} ${last} ${tail}`;
}

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
