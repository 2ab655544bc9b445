import { FAILURE_CODES } from '@svc/contracts';
import * as z from 'zod/mini';

// What may come over the border. A builder is somebody else's program: its answers are checked before anybody uses them.

const text = z.string();
const texts = z.array(text);
const object = z.record(text, z.unknown());
const jsonObject = z.record(text, z.json());

const position = z.object({
  file: text,
  line: z.int().check(z.positive()),
  column: z.int().check(z.positive()),
  length: z.optional(z.int()),
  lineText: z.optional(text),
});

const notice = z.object({
  code: text,
  service: z.optional(text),
  message: text,
  help: z.optional(text),
  position: z.optional(position),
});

const failure = z.object({
  code: z.enum(Object.values(FAILURE_CODES).flat()),
  service: z.optional(text),
  message: text,
  help: z.optional(text),
  position: z.optional(position),
  output: z.optional(texts),
});

/** What `describe` tells of a builder. */
export const description = z.object({
  name: text.check(z.regex(/^[a-z0-9@][\w@./-]*$/i)),
  version: text.check(z.minLength(1)),
  runtimes: z.optional(texts),
  tools: z.optional(z.record(text, text)),
  detects: z.optional(texts),
  develops: z.optional(z.boolean()),
});

const step = z.object({
  kind: z.enum(['build', 'bundle']),
  label: text,
  command: z.discriminatedUnion('type', [
    z.object({ type: z.literal('shell'), line: text }),
    z.object({ type: z.literal('tool'), tool: text, input: jsonObject }),
  ]),
  env: z.optional(z.record(text, text)),
  network: z.optional(z.boolean()),
  outputs: z.optional(texts),
});

/** A builder's plan for one service. */
export const plan = z.object({
  entrypoint: z.nullable(text),
  outputDirectory: z.nullable(text),
  steps: z.array(step),
  caches: texts,
  inputs: z.optional(texts),
  data: jsonObject,
  warnings: z.array(notice),
});

/** How a service runs from its sources. A container of a builder's own is a command that runs it. */
export const development = z.object({
  install: z.array(step),
  prepare: z.array(step),
  serve: z.discriminatedUnion('type', [
    z.object({ type: z.literal('command'), label: text, line: text }),
    z.object({ type: z.literal('module'), file: text }),
    z.object({
      type: z.literal('files'),
      from: text,
      files: z.nullable(texts),
      cleanUrls: z.boolean(),
    }),
  ]),
  env: z.optional(z.record(text, text)),
  programs: z.optional(texts),
  reload: z.enum(['self', 'restart']),
  generated: z.optional(texts),
  unused: z.optional(z.object({ from: text, patterns: texts, except: texts })),
});

/** A finished service's `config.json`: the format has fields that svc does not know, which stay. */
export const outputConfig = z.looseObject({
  version: z.literal(3),
  routes: z.optional(z.array(object)),
  overrides: z.optional(z.record(text, z.object({ path: z.optional(text), contentType: z.optional(text) }))),
  images: z.optional(jsonObject),
  framework: z.optional(z.object({ slug: z.optional(text), version: text })),
  crons: z.optional(z.array(z.looseObject({ path: text, schedule: text }))),
});

const outcome = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), failures: z.array(failure).check(z.minLength(1)) }),
]);

type Outcome = z.infer<typeof outcome>;
export type Checked<T> = { readonly value: T } | { readonly problem: string };

/** A `Result` whose value is checked by `schema`; failures are checked as well. */
export function checkResult<T>(
  value: unknown,
  schema: z.ZodMiniType<T>,
): Checked<{ ok: true; value: T } | Extract<Outcome, { ok: false }>> {
  const result = check(value, outcome);
  if ('problem' in result) return result;
  if (!result.value.ok) return { value: result.value };
  const inner = check(result.value.value, schema);
  return 'problem' in inner ? inner : { value: { ok: true, value: inner.value } };
}

/** The value, or what is wrong with it in words: the first three places that do not fit. */
export function check<T>(value: unknown, schema: z.ZodMiniType<T>): Checked<T> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return { value: parsed.data };
  const problems = parsed.error.issues.slice(0, 3).map(({ path, message }) => {
    const place = path.map(String).join('.');
    return place === '' ? message : `${place}: ${message}`;
  });
  return { problem: problems.join('; ') };
}
