import { dirname, join } from 'node:path';
import { ok, type Result } from '@svc/contracts';
import { readJson } from './read-json.ts';
import { asNumber, asRecord, asString, type JsonRecord, recordsIn, stringsOf } from './shape.ts';

/** What a function's answer was when it was built, kept to be served in its place. */
export interface Prerender {
  /** Absolute path of the kept body; null when nothing was kept. */
  readonly fallback: string | null;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Requests that carry this in `x-prerender-revalidate` go to the function. */
  readonly bypassToken: string | null;
  /** Query parameters that make it another answer; null for all of them. */
  readonly allowQuery: readonly string[] | null;
  /** Conditions under which requests go to the function. */
  readonly bypassFor: readonly JsonRecord[];
}

/** Reads `<name>.prerender-config.json`. */
export async function readPrerender(file: string, shown: string): Promise<Result<Prerender>> {
  const read = await readJson(file, shown);
  if (!read.ok) return read;
  const config = read.value ?? {};
  const fallback = asString(config.fallback) ?? asString(asRecord(config.fallback)?.fsPath);
  return ok({
    fallback: fallback === undefined ? null : join(dirname(file), fallback),
    status: asNumber(config.initialStatus) ?? 200,
    headers: stringsOf(config.initialHeaders),
    bypassToken: asString(config.bypassToken) ?? null,
    allowQuery: Array.isArray(config.allowQuery)
      ? config.allowQuery.filter(name => typeof name === 'string')
      : null,
    bypassFor: recordsIn(config.experimentalBypassFor),
  });
}

/** Whether the kept answer is the one to this request, rather than the function's. */
export function isAnsweredByFallback(
  prerender: Prerender,
  request: {
    readonly method: string;
    /** Path and query. */
    readonly target: string;
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  },
): boolean {
  if (prerender.fallback === null) return false;
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const { bypassToken, allowQuery, bypassFor } = prerender;
  if (bypassToken !== null && request.headers['x-prerender-revalidate'] === bypassToken) return false;
  if (bypassFor.some(condition => holds(condition, request.headers))) return false;
  const at = request.target.indexOf('?');
  const names = at === -1 ? [] : [...new URLSearchParams(request.target.slice(at)).keys()];
  return !names.some(name => allowQuery === null || allowQuery.includes(name));
}

/** Frameworks use header conditions (a server action, a kind of content); of another kind, the function has to decide. */
function holds(
  condition: JsonRecord,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): boolean {
  const key = asString(condition.key);
  if (condition.type !== 'header' || key === undefined) return true;
  const value = headers[key.toLowerCase()];
  if (value === undefined) return false;
  const pattern = asString(condition.value);
  return pattern === undefined || new RegExp(`^(?:${pattern})$`).test(String(value));
}
