import type { SourceRoute } from '@svc/contracts';
import { compilePattern } from '../pattern/pattern.ts';
import { type Condition, conditionOf, type Report } from './conditions.ts';
import type { Destination, Locale, Rule } from './rule.ts';
import { type Template, templateOf } from './template.ts';
import { type Transform, transformOf } from './transforms.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Compiles one rule; everything that is wrong with it goes to `report`, as the rest of a sentence. */
export function compileRule(route: SourceRoute, index: number, report: Report): Rule | undefined {
  const fields: Fields = route;
  const source = fields.src ?? fields.source;
  if (typeof source !== 'string') return report('has no source');
  const compiled = compilePattern(anchored(source), fields.caseSensitive === false);
  if (!compiled.ok) return report(`has a source that ${compiled.problem}`);
  const transforms = listOf(fields.transforms).flatMap(each => transformOf(each, report) ?? []);
  const status = fields.status ?? fields.statusCode;
  return {
    index,
    source,
    pattern: compiled.pattern,
    methods: Array.isArray(fields.methods)
      ? new Set(fields.methods.map(method => String(method).toUpperCase()))
      : undefined,
    has: conditions(fields.has, report),
    missing: conditions(fields.missing, report),
    headers: Object.entries((fields.headers ?? {}) as Fields).map(([name, value]) => ({
      name: name.toLowerCase(),
      value: templateOf(String(value)),
    })),
    destination: destinationOf(fields, source, transforms),
    status: typeof status === 'number' ? status : undefined,
    continues: fields.continue === true,
    check: fields.check === true,
    override: fields.override === true,
    important: fields.important === true,
    mitigate: mitigationOf(fields.mitigate),
    transforms,
    env: listOf(fields.env).map(String),
    locale: localeOf(fields.locale),
    middleware:
      typeof fields.middlewarePath === 'string' ? fields.middlewarePath.replace(/^\//, '') : undefined,
  };
}

/** A source stands for the whole path, with or without anchors of its own (section 6.1 of the services reference). */
function anchored(source: string): string {
  const start = source.startsWith('^') ? source : `^${source}`;
  return start.endsWith('$') && !start.endsWith('\\$') ? start : `${start}$`;
}

function conditions(value: unknown, report: Report): readonly Condition[] {
  return listOf(value).flatMap(each => conditionOf(each, report) ?? []);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function destinationOf(
  fields: Fields,
  source: string,
  transforms: readonly Transform[],
): Destination | undefined {
  const { dest, destination } = fields;
  const text = typeof dest === 'string' ? dest : typeof destination === 'string' ? destination : undefined;
  if (text !== undefined) {
    const template = templateOf(text);
    const isConstant = template.every(part => typeof part === 'string');
    return { type: 'path', template, isCatchAll: isConstant && isCatchAll(source, transforms) };
  }
  if (typeof destination !== 'object' || destination === null) return undefined;
  const { service, path } = destination as Fields;
  return {
    type: 'service',
    service: String(service),
    path: typeof path === 'string' ? templateOf(path) : undefined,
  };
}

/** `{ "src": "/(.*)", "transforms": [{ "type": "request.path", "op": "set", "args": "/$1" }] }` says nothing new. */
function isCatchAll(source: string, transforms: readonly Transform[]): boolean {
  const takesAll = /^\^?(\/\(\.\*\)|\(\?:\/\(\.\*\)\))\$?$/.test(source);
  return takesAll && transforms.some(transform => transform.on === 'path' && isFirstGroup(transform.args));
}

function isFirstGroup(template: Template): boolean {
  const [slash, hole] = template;
  return template.length === 2 && slash === '/' && typeof hole === 'object' && hole.name === '1';
}

function mitigationOf(value: unknown): Rule['mitigate'] {
  const action = typeof value === 'object' && value !== null ? (value as Fields).action : undefined;
  return action === 'deny' || action === 'challenge' ? action : undefined;
}

function localeOf(value: unknown): Locale | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { redirect, cookie } = value as Fields;
  if (typeof redirect !== 'object' || redirect === null) return undefined;
  const pages = Object.entries(redirect).map(([locale, page]) => [locale.toLowerCase(), String(page)]);
  return { redirect: Object.fromEntries(pages), cookie: typeof cookie === 'string' ? cookie : undefined };
}
