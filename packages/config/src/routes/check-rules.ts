import type { Json } from '@svc/contracts';
import type { GetRoutesProps } from '@vercel/routing-utils';
import type { Report, Reporter } from '../checks/report.ts';
import { isObject } from '../checks/words.ts';
import type { Path } from '../document.ts';
import { routingFields } from './compile.ts';
import { loadRoutingUtils, quietly } from './routing-utils.ts';

type Fields = { readonly [key: string]: Json };
type Library = Awaited<ReturnType<typeof loadRoutingUtils>>;

/** Reports every rule that cannot be converted, at the rule. Rules whose shape is wrong already are left alone. */
export async function checkRules(config: Fields, path: Path, reporter: Reporter): Promise<void> {
  if (!routingFields(config)) return;
  const library = await loadRoutingUtils();
  quietly(() => {
    for (const field of ['redirects', 'headers', 'rewrites'] as const) {
      entriesOf(config[field]).forEach((rule, index) => {
        const at = [...path, field, index];
        if (isObject(rule) && !reporter.faulty(at)) checkRule(library, field, rule, at, reporter.report);
      });
    }
    const at = [...path, 'routes'];
    if (!reporter.faulty(at)) checkTable(library, entriesOf(config.routes), at, reporter.report);
  });
}

function entriesOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** One rule alone: the library stops at the first error of a list. */
function checkRule(
  library: Library,
  field: 'redirects' | 'headers' | 'rewrites',
  rule: Fields,
  path: Path,
  report: Report,
): void {
  const problem = patternProblem(library, String(rule.source));
  if (problem) {
    report({ code: 'config-invalid-route', path: [...path, 'source'], part: 'value', ...problem });
    return;
  }
  const missing = unknownParameter(library, rule);
  if (missing) {
    const inService = isObject(rule.destination);
    const at = inService ? [...path, 'destination', 'path'] : [...path, 'destination'];
    report({ code: 'config-invalid-route', path: at, part: 'value', ...missing });
    return;
  }
  const error = convert(library, { [field]: [rule] });
  if (!error) return;
  const transform = /invalid `request\.path` transform: (.*)/s.exec(error)?.[1];
  report({
    code: 'config-invalid-route',
    path: transform ? [...path, 'transforms'] : path,
    part: 'value',
    message: transform ? `This transform cannot be used: ${transform}` : inOwnWords(error),
  });
}

/** `sourceToRegex` refuses what is no pattern; the regular expression check refuses what only looks like one. */
function patternProblem(library: Library, source: string): { message: string; help: string } | undefined {
  const help =
    'A pattern is a path such as "/api/:path*", "/blog/:slug" or "/(.*)". Escape ( ) : * + ? with \\\\ to mean the character.';
  try {
    library.sourceToRegex(source);
    new RegExp(source);
    return undefined;
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
    return { message: `"${source}" is no valid pattern: ${reason}`, help };
  }
}

function unknownParameter(library: Library, rule: Fields): { message: string; help: string } | undefined {
  const target = isObject(rule.destination) ? rule.destination.path : rule.destination;
  if (typeof target !== 'string') return undefined;
  const error = convert(library, {
    redirects: [{ source: rule.source, destination: target, ...conditionsOf(rule) }],
  });
  const name = /has segment ":([^"]+)" in `destination`/.exec(error ?? '')?.[1];
  if (name === undefined) return undefined;
  const known = library
    .sourceToRegex(String(rule.source))
    .segments.filter(segment => !segment.startsWith('__'));
  const advice =
    known.length > 0
      ? `The source has ${known.map(segment => `:${segment}`).join(', ')}.`
      : 'The source has no parameters; unnamed groups are $1, $2, …';
  return {
    message: `The destination uses ":${name}", which the source does not define`,
    help: `${advice} Write ":${name}" into the source too, as in "/items/:${name}".`,
  };
}

function conditionsOf(rule: Fields): Fields {
  return rule.has === undefined ? {} : { has: rule.has };
}

/** The library's first error message, or undefined when it accepts the fields. */
function convert(library: Library, fields: { readonly [key: string]: unknown }): string | undefined {
  try {
    return library.getTransformedRoutes(structuredClone(fields) as GetRoutesProps).error?.message;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Low-level routes are checked as a table: the rules of a phase depend on the markers before them. */
function checkTable(library: Library, routes: readonly Json[], path: Path, report: Report): void {
  if (routes.length === 0) return;
  const { error } = library.normalizeRoutes(
    structuredClone(routes) as Parameters<Library['normalizeRoutes']>[0] & object,
  );
  for (const message of error?.errors ?? []) {
    const index = Number(/^Route at index (\d+)/.exec(message)?.[1] ?? 0);
    report({
      code: 'config-invalid-route',
      path: [...path, index],
      part: 'value',
      message: inOwnWords(message),
    });
  }
}

/** The library's sentences begin with "Route at index 3", which the position already says, and quote with backticks. */
function inOwnWords(message: string): string {
  const text = message
    .replace(/^(Route|Rewrite|Redirect|Header) at index \d+ /, 'This rule ')
    .replaceAll('`', '"');
  return text.replace(/\.$/, '');
}
