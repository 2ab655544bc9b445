import type { Json, JsonObject, Notice, Position } from '@svc/contracts';
import { isObject } from '../checks/words.ts';
import type { Document, Path } from '../document.ts';
import { covers, type Pattern, patternOf } from '../patterns/covers.ts';
import { loadRoutingUtils, quietly } from '../routes/routing-utils.ts';
import type { WarningContext } from './index.ts';
import { anchored, rulesOf } from './rule-tables.ts';
import { slowPatterns } from './slow-patterns.ts';

/** A top-level rule that leads somewhere, compiled. */
interface Rule {
  readonly path: Path;
  readonly source: string;
  readonly pattern: Pattern;
  readonly service?: string;
  /** Whether a request that it matches never comes to the rules after it. */
  readonly final: boolean;
}

type Context = WarningContext & { readonly document: Document };

/** What is odd about rules that are each right by themselves. */
export async function warnAboutRules(context: Context): Promise<readonly Notice[]> {
  const { sourceToRegex } = await loadRoutingUtils();
  const compile = (source: string) => quietly(() => sourceToRegex(source).src);
  const rewrites = rulesOf(context.config.rewrites).map((rule, index) => rewriteOf(rule, index, compile));
  const publicNotices = context.project.kind === 'services' ? publicRewrites(context, rewrites, compile) : [];
  return [...publicNotices, ...slowPatterns(context, compile)];
}

function publicRewrites(
  context: Context,
  rewrites: readonly Rule[],
  compile: (source: string) => string,
): readonly Notice[] {
  const { notices, hidden } = unreachableRules(context.document, finalRoutes(context.config), rewrites);
  // What else is odd about a rule that never runs is not worth a word.
  const alive = rewrites.filter(rule => !hidden.has(rule));
  return [...notices, ...missedBases(context, alive, compile), ...withoutSlash(context.document, alive)];
}

function rewriteOf(rule: JsonObject, index: number, compile: (source: string) => string): Rule {
  const source = String(rule.source);
  const { destination } = rule;
  const service = isObject(destination) ? String(destination.service) : undefined;
  const conditional = entryCount(rule.has) + entryCount(rule.missing) > 0;
  // A rewrite to a path of the deployment goes on with that path where nothing is found: later rules still count.
  const leaves = service !== undefined || /^https?:\/\//.test(String(destination));
  return {
    path: ['rewrites', index],
    source,
    pattern: patternOf(compile(source)),
    ...(service === undefined ? {} : { service }),
    final: leaves && !conditional,
  };
}

function entryCount(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : 0;
}

/**
 * The low-level routes that hand over to a service without any condition and run before the rewrites: those up to the
 * first phase other than `filesystem`, which the rewrites share.
 */
function finalRoutes(config: JsonObject): readonly Rule[] {
  const routes = rulesOf(config.routes);
  const end = routes.findIndex(route => route.handle !== undefined && route.handle !== 'filesystem');
  return routes.slice(0, end < 0 ? routes.length : end).flatMap((route, index) => {
    const source = route.src ?? route.source;
    const free = CONDITIONS.every(key => route[key] === undefined);
    if (typeof source !== 'string' || !isObject(route.destination) || !free) return [];
    const service = String(route.destination.service);
    const path = ['routes', index];
    return [{ path, source, pattern: patternOf(anchored(source)), service, final: true }];
  });
}

const CONDITIONS = ['has', 'missing', 'methods', 'mitigate', 'locale'];

function placeOf(document: Document, { path }: Rule): Position {
  const key = path[0] === 'routes' ? 'src' : 'source';
  return document.place([...path, key]);
}

const EVERYTHING = patternOf('^/.*$');

/** One notice a cause: an early catch-all hides all rewrites after it, whatever else hides them. */
function unreachableRules(
  document: Document,
  routes: readonly Rule[],
  rewrites: readonly Rule[],
): { readonly notices: readonly Notice[]; readonly hidden: ReadonlySet<Rule> } {
  const rules = [...routes, ...rewrites];
  const catchAll = rules.find(rule => rule.final && covers(rule.pattern, EVERYTHING));
  const end = catchAll ? rules.indexOf(catchAll) : rules.length;
  const afterwards = catchAll ? rules.slice(end + 1) : [];
  const hidden = new Set(afterwards);
  const notices: Notice[] =
    catchAll && afterwards.length > 0 ? [notLast(document, catchAll, afterwards)] : [];
  rules.slice(0, end).forEach((rule, index) => {
    const hiding = rules
      .slice(0, index)
      .find(earlier => earlier.final && covers(earlier.pattern, rule.pattern));
    if (!hiding) return;
    hidden.add(rule);
    notices.push(shadowed(document, rule, hiding));
  });
  return { notices, hidden };
}

function shadowed(document: Document, rule: Rule, hiding: Rule): Notice {
  const position = placeOf(document, rule);
  const same = hiding.source === rule.source;
  const line = placeOf(document, hiding).line;
  return {
    code: 'shadowed-rule',
    ...(rule.service === undefined ? {} : { service: rule.service }),
    message: `The rule for "${rule.source}" never runs: ${same ? 'the same source' : `"${hiding.source}"`} on line ${line} takes all its requests`,
    help: same ? 'Remove one of the two.' : `Move it above the rule for "${hiding.source}", or remove it.`,
    position,
  };
}

function notLast(document: Document, catchAll: Rule, hidden: readonly Rule[]): Notice {
  const sources = hidden.slice(0, 3).map(rule => `"${rule.source}"`);
  const more = hidden.length > 3 ? ` and ${hidden.length - 3} more` : '';
  return {
    code: 'catch-all-not-last',
    ...(catchAll.service === undefined ? {} : { service: catchAll.service }),
    message: `The rule for "${catchAll.source}" takes every request, so the ${hidden.length === 1 ? 'rule' : 'rules'} after it never ${hidden.length === 1 ? 'runs' : 'run'}: ${sources.join(', ')}${more}`,
    help: 'Move it to the end of "rewrites".',
    position: placeOf(document, catchAll),
  };
}

/** `/api/(.*)` matches `/api/` and what is below, and not `/api`: section 6.1 of the services reference. */
function missedBases(
  { config, document }: Context,
  rewrites: readonly Rule[],
  compile: (source: string) => string,
): readonly Notice[] {
  // The redirect sends /api to /api/, which matches.
  if (config.trailingSlash === true) return [];
  const redirects = rulesOf(config.redirects).map(rule => new RegExp(compile(String(rule.source))));
  return rewrites.flatMap(rule => {
    const base = /^(\/.+)\/\(\.\*\)$/.exec(rule.source)?.[1];
    // Only where the base is one path, without parameters.
    if (base === undefined || rule.service === undefined || /[:(){}*+?\\]/.test(base)) return [];
    const answered =
      redirects.some(redirect => redirect.test(base)) ||
      rewrites.some(other => other.service === rule.service && other.pattern.expression.test(base));
    if (answered) return [];
    return [
      {
        code: 'source-misses-base',
        service: rule.service,
        message: `"${rule.source}" does not match "${base}" itself, so that path does not reach service "${rule.service}"`,
        help: `Write "${base}/:path*", which matches both, or add a rule for "${base}".`,
        position: placeOf(document, rule),
      },
    ];
  });
}

function withoutSlash(document: Document, rewrites: readonly Rule[]): readonly Notice[] {
  return rewrites
    .filter(rule => /^[\w.-]/.test(rule.source))
    .map(rule => ({
      code: 'source-without-slash',
      message: `"${rule.source}" never matches: a path starts with "/"`,
      help: `Write "/${rule.source}".`,
      position: placeOf(document, rule),
    }));
}
