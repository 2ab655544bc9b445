import { holds } from './reference-conditions.ts';
import type { Condition, Question, Rule, Tables } from './reference-tables.ts';

/**
 * Section 6 of the services reference, read aloud: no index, no tricks, nothing shared with the router. For tests.
 * Queries and cookies are plain `a=1` pairs here, sources are JavaScript expressions.
 */
interface Progress {
  path: string;
  query: string | null;
  seen: string;
  seenQuery: string | null;
  shown?: string;
  status?: number;
  headers: Record<string, string>;
  requestHeaders: Record<string, string>;
}

type Answer = Record<string, unknown>;
class Done {
  readonly answer: Answer;
  constructor(answer: Answer) {
    this.answer = answer;
  }
}

/** `public` is the name of the public table. */
export function evaluate(tables: Tables, question: Question): Answer {
  let table = 'public';
  let at: Progress = {
    path: question.path,
    query: question.query,
    seen: question.path,
    seenQuery: question.query,
    headers: {},
    requestHeaders: {},
  };
  const rulesOf = (phase: string) => {
    let current = 'start';
    return (tables[table]?.routes ?? []).filter(rule => {
      if (rule.handle) current = rule.handle;
      return !rule.handle && current === phase;
    });
  };
  const answer = (more: Answer): Done =>
    new Done({ service: table === 'public' ? null : table, headers: at.headers, ...more });

  function lookup(path: string): { file?: string; name?: string } | undefined {
    const { files = [], functions = [] } = tables[table] ?? {};
    const name = path.slice(1);
    const folder = name.replace(/\/$/, '');
    const below = folder === '' ? '' : `${folder}/`;
    if (files.includes(name)) return { file: name };
    for (const each of [name, folder, `${below}index`]) if (functions.includes(each)) return { name: each };
    return files.includes(`${below}index.html`) ? { file: `${below}index.html` } : undefined;
  }

  function redirect(): void {
    const { location } = at.headers;
    if (at.status === undefined || at.status < 300 || at.status > 399 || location === undefined) return;
    at.headers = { ...at.headers, location: at.query === null ? location : `${location}?${at.query}` };
    throw answer({ type: 'redirect', status: at.status });
  }

  function fail(status: number): never {
    for (const rule of rulesOf('error')) {
      const groups = matches(rule, status);
      if (!groups) continue;
      setHeaders(rule, groups, 'error');
      const page = rule.dest === undefined ? undefined : lookup(filled(rule.dest, groups));
      if (page) throw answer({ type: 'error', status, page });
    }
    const page = status === 404 ? lookup('/404.html') : undefined;
    throw answer({ type: 'error', status, ...(page ? { page } : {}) });
  }

  function existing(afterMiss = false): void {
    redirect();
    const found = lookup(at.path);
    if (!found) return;
    if (afterMiss) delete at.status;
    for (const rule of rulesOf('hit')) {
      const groups = matches(rule);
      if (groups) setHeaders(rule, groups, 'hit');
      if (groups && !rule.continue) break;
    }
    const status = at.status === undefined ? {} : { status: at.status };
    if (found.file !== undefined && !['GET', 'HEAD'].includes(question.method)) {
      at.headers = { ...at.headers, allow: 'GET, HEAD' };
      throw answer({ type: 'error', status: 405 });
    }
    if (found.file !== undefined) throw answer({ type: 'static', file: found.file, ...status });
    const path = at.shown ?? at.seen;
    const target = at.seenQuery === null ? path : `${path}?${at.seenQuery}`;
    throw answer({
      type: 'function',
      name: found.name,
      target,
      requestHeaders: at.requestHeaders,
      ...status,
    });
  }

  /** Tables with dynamic routes try rules for misses as soon as something is not found. */
  function early(): void {
    if (rulesOf('rewrite').length === 0) return;
    for (const rule of rulesOf('miss')) {
      const before = { ...at };
      const groups = rule.check && rule.dest !== undefined ? matches(rule) : undefined;
      if (groups) apply(rule, groups, 'miss');
      at = before;
    }
  }

  function found(): void {
    existing();
    early();
  }

  function dynamic(): void {
    const before = { ...at };
    if (rulesOf('rewrite').length === 0) return;
    phase('rewrite');
    existing();
    at = before;
  }

  function phase(name: string): void {
    for (const rule of rulesOf(name)) {
      const groups = matches(rule);
      if (groups && apply(rule, groups, name) === 'ends') return;
    }
  }

  function matches(rule: Rule, status?: number): string[] | undefined {
    const groups = new RegExp(`^${(rule.src ?? '').replace(/^\^|\$$/g, '')}$`).exec(at.path);
    if (!groups || (rule.methods && !rule.methods.includes(question.method))) return undefined;
    if (status !== undefined && rule.status !== undefined && rule.status !== status) return undefined;
    const met = (condition: Condition) => holds(condition, question, at.query);
    return (rule.has ?? []).every(met) && !(rule.missing ?? []).some(met)
      ? groups.map(group => group ?? '')
      : undefined;
  }

  function setHeaders(rule: Rule, groups: string[], name: string): void {
    for (const [key, value] of Object.entries(rule.headers ?? {})) {
      const lower = key.toLowerCase();
      if ((name === 'hit' || name === 'miss') && !rule.important && lower in at.headers) continue;
      at.headers = { ...at.headers, [lower]: filled(value, groups) };
    }
  }

  function apply(rule: Rule, groups: string[], name: string): 'ends' | 'goes on' {
    if (rule.override) at = { ...at, headers: {}, status: undefined } as unknown as Progress;
    setHeaders(rule, groups, name);
    const repeats = rule.transforms?.some(({ type, args }) => type === 'request.path' && args === '/$1');
    const isCatchAll = repeats && rule.src === '/(.*)' && rule.dest !== undefined && !rule.dest.includes('$');
    for (const { type, op, target, args } of rule.transforms ?? []) {
      const value = filled(args, groups, true);
      if (type === 'request.path') {
        const literal = rule.destination || isCatchAll ? undefined : value;
        if (literal !== undefined && /^\/(?!\/)[^?#\s]*$/.test(literal)) at.shown = literal;
      } else if (value !== '') {
        const key = target?.key ?? '';
        const old = at.requestHeaders[key] ?? question.headers[key];
        at.requestHeaders = {
          ...at.requestHeaders,
          [key]: op === 'append' && old !== undefined ? `${old}, ${value}` : value,
        };
      }
    }
    if (rule.status !== undefined) at.status = rule.status;
    if (rule.destination)
      handOver(rule.destination.service, rule.destination.path && filled(rule.destination.path, groups));
    if (rule.dest !== undefined) {
      const path = filled(rule.dest, groups);
      const picksFunction = !rule.check && lookup(path)?.name === path.slice(1);
      at.path = path;
      if (table !== 'public' && !picksFunction && !isCatchAll) at.seen = path;
      if (rule.check) {
        if (name === 'rewrite' || name === 'miss') existing(name === 'miss');
        else {
          found();
          dynamic();
        }
        if (rule.status !== undefined && rule.status >= 400) fail(rule.status);
        return 'goes on';
      }
    }
    if (rule.continue) return 'goes on';
    if (rule.status === undefined || rule.dest !== undefined) return 'ends';
    redirect();
    if (rule.status >= 400) fail(rule.status);
    throw answer({ type: 'status', status: rule.status });
  }

  function handOver(service: string, lookupPath: string | undefined): void {
    redirect();
    if (table === 'public') at = { ...at, seen: question.path, seenQuery: question.query };
    if (table === 'public') delete at.shown;
    at.path = lookupPath ?? at.path;
    table = service;
    walk();
  }

  function walk(): never {
    phase('start');
    found();
    phase('filesystem');
    found();
    dynamic();
    phase('resource');
    found();
    phase('miss');
    found();
    return fail(at.status !== undefined && at.status >= 400 ? at.status : 404);
  }

  try {
    return walk();
  } catch (thrown) {
    if (thrown instanceof Done) return thrown.answer;
    throw thrown;
  }
}

/** In transforms, what stands for no group stays. */
function filled(template: string, groups: string[], keep = false): string {
  return template.replace(/\$(\d)/g, (all, digit: string) => groups[Number(digit)] ?? (keep ? all : ''));
}
