import { dirname, join } from 'node:path';
import { ok, type Result } from '@svc/contracts';
import { readJson } from './read-json.ts';
import { asNumber, asRecord, asString, type JsonRecord, recordsIn, stringsOf } from './shape.ts';

/** A function whose answers are kept and served in its place, and when they are made anew. */
export interface Prerender {
  /** Absolute path of the body that was kept at build time; null when nothing was kept. */
  readonly fallback: string | null;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds until an answer is to be made anew; null for never. */
  readonly expiration: number | null;
  /** Seconds until an answer is too old to be served while the next one is made; null for never. */
  readonly staleExpiration: number | null;
  /** Prerenders with the same number are made anew together; null for none. */
  readonly group: number | null;
  /** Lets its bearer have an answer made anew (`x-prerender-revalidate`) or see drafts (`__prerender_bypass`). */
  readonly bypassToken: string | null;
  /** Query parameters that make it another answer; null for all of them. */
  readonly allowQuery: readonly string[] | null;
  /** Request headers that the function sees, in lower case; null for those only that say how it was asked for. */
  readonly allowHeader: readonly string[] | null;
  /** Whether the function sees the allowed query. */
  readonly passQuery: boolean;
  /** Conditions under which requests go to the function. */
  readonly bypassFor: readonly JsonRecord[];
  /** What completes a kept answer that is only the static part of a page, with headers for that request. */
  readonly chain: { readonly output: string; readonly headers: Readonly<Record<string, string>> } | null;
}

/** Reads `<name>.prerender-config.json`. */
export async function readPrerender(file: string, shown: string): Promise<Result<Prerender>> {
  const read = await readJson(file, shown);
  if (!read.ok) return read;
  const config = read.value ?? {};
  const fallback = asString(config.fallback) ?? asString(asRecord(config.fallback)?.fsPath);
  const chained = asRecord(config.chain);
  const output = asString(chained?.outputPath);
  return ok({
    fallback: fallback === undefined ? null : join(dirname(file), fallback),
    status: asNumber(config.initialStatus) ?? 200,
    headers: stringsOf(config.initialHeaders),
    expiration: asNumber(config.expiration) ?? null,
    staleExpiration: asNumber(config.staleExpiration) ?? null,
    group: asNumber(config.group) ?? null,
    bypassToken: asString(config.bypassToken) ?? null,
    allowQuery: stringList(config.allowQuery),
    allowHeader: stringList(config.allowHeader)?.map(name => name.toLowerCase()) ?? null,
    passQuery: config.passQuery === true,
    bypassFor: recordsIn(config.experimentalBypassFor),
    chain: output === undefined ? null : { output, headers: stringsOf(chained?.headers) },
  });
}

function stringList(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter(name => typeof name === 'string') : null;
}
