import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Decision } from '@svc/router';
import { expect, it } from 'vitest';
import { Random } from './random.ts';
import { randomQuestion, randomTables } from './random-tables.ts';
import { evaluate } from './reference-evaluator.ts';
import type { Question, Tables } from './reference-tables.ts';
import { request, routerOf } from './support.ts';

const SEED = 20_260_630;
const TABLES = 2_000;
const REQUESTS_EACH = 5;

it('decides 10,000 random requests as the reference does', () => {
  const random = new Random(SEED);
  const kinds = new Map<unknown, number>();
  let compared = 0;
  for (let round = 0; round < TABLES; round += 1) {
    const tables = randomTables(random);
    const router = routerFor(tables);
    for (let count = 0; count < REQUESTS_EACH; count += 1) {
      const question = randomQuestion(random);
      const wanted = evaluate(tables, question);
      const asked = toRequest(question);
      const decided = inShort(router.decide(asked));
      const explained = inShort(router.explain(asked).decision);
      // Worded only for a difference: the tables are long.
      if (!isDeepStrictEqual(decided, wanted)) {
        expect(decided, JSON.stringify({ tables, question }, null, 1)).toEqual(wanted);
      }
      if (!isDeepStrictEqual(explained, decided)) expect(explained).toEqual(decided);
      kinds.set(wanted.type, (kinds.get(wanted.type) ?? 0) + 1);
      compared += 1;
    }
  }
  expect(compared).toBe(10_000);
  // Every kind of answer came up often, or the tables would not show much.
  for (const kind of ['redirect', 'status', 'static', 'function', 'error']) {
    expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(100);
  }
});

it('is about the same tables on every machine', () => {
  const random = new Random(SEED);
  const digest = createHash('sha256').update(JSON.stringify([randomTables(random), randomQuestion(random)]));
  expect(digest.digest('hex').slice(0, 12)).toMatchInlineSnapshot(`"c0931c83457a"`);
});

function routerFor({ public: front, ...services }: Tables) {
  return routerOf(front ?? {}, services);
}

function toRequest({ method, path, query, headers, host }: Question) {
  return request(query === null ? path : `${path}?${query}`, { method, headers, host });
}

/** A decision in the words of the reference evaluator. */
function inShort(decision: Decision): Record<string, unknown> {
  const { type, service } = decision;
  const headers = Object.fromEntries(decision.response.headers.map(({ name, value }) => [name, value]));
  const status = 'status' in decision && decision.status !== undefined ? { status: decision.status } : {};
  const base = { type, service, headers, ...status };
  if (decision.type === 'static') return { ...base, file: decision.file };
  if (decision.type === 'function') {
    const { name, target, requestHeaders } = decision;
    return { ...base, name, target, requestHeaders: Object.fromEntries(requestHeaders) };
  }
  if (decision.type !== 'error' || !decision.page) return base;
  const { page } = decision;
  return { ...base, page: page.type === 'static' ? { file: page.file } : { name: page.name } };
}
