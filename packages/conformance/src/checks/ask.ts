import { deepStrictEqual } from 'node:assert/strict';
import type { Answer, Question } from '../fixture.ts';

/** Asks one question. Rejects with what is wrong about the answer. */
export async function askOne(
  url: string,
  { path, method = 'GET', headers, body, expect }: Question,
): Promise<void> {
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const problem = problemWith(response, text, expect);
  if (problem !== undefined) throw new Error(`${method} ${path}: ${problem}`);
}

function problemWith(response: Response, text: string, expected: Answer): string | undefined {
  const status = expected.status ?? 200;
  if (response.status !== status)
    return `status ${response.status} instead of ${status}: ${text.slice(0, 500)}`;
  for (const [name, wanted] of Object.entries(expected.headers ?? {})) {
    const value = response.headers.get(name);
    const fits = typeof wanted === 'string' ? value === wanted : wanted.test(value ?? '');
    if (!fits) return `the header ${name} is ${JSON.stringify(value)} instead of ${wanted}`;
  }
  const { body } = expected;
  if (body !== undefined && !(typeof body === 'string' ? text === body : body.test(text))) {
    return `the body is ${JSON.stringify(text.slice(0, 500))} instead of ${typeof body === 'string' ? JSON.stringify(body) : body}`;
  }
  if (expected.json === undefined) return undefined;
  try {
    deepStrictEqual(JSON.parse(text), expected.json);
    return undefined;
  } catch {
    return `the body is ${text.slice(0, 500)} instead of ${JSON.stringify(expected.json)}`;
  }
}
