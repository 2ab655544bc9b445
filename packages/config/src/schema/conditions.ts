import type { Json } from '@svc/contracts';
import { type Check, closed, list, number, object, oneOf, text } from '../checks/shapes.ts';
import { isObject } from '../checks/words.ts';

/** Limits and operators as in `@vercel/routing-utils` 6.6 (`dist/schemas.js`); section 6.1 of the services reference. */
const short = text({ max: 4096 });
const names = list(text({ max: 256 }), { min: 1, max: 64 });
const textOrNumber: Check = (value, path, report) =>
  typeof value === 'number' ? undefined : short(value, path, report);

const OPERATORS = {
  eq: textOrNumber,
  neq: short,
  inc: list(short),
  ninc: list(short),
  pre: short,
  suf: short,
  gt: number(),
  gte: number(),
  lt: number(),
  lte: number(),
} as const;

const SYNONYMS = {
  equals: 'eq',
  equal: 'eq',
  not: 'neq',
  in: 'inc',
  includes: 'inc',
  prefix: 'pre',
  startsWith: 'pre',
  suffix: 'suf',
  endsWith: 'suf',
  regex: 're',
  matches: 're',
};

function operators(fields: Readonly<Record<string, Check>>): Check {
  const check = closed({ noun: 'a comparison', fields, example: '{ "eq": "value" }', synonyms: SYNONYMS });
  return (value, path, report) => {
    if (isObject(value) && Object.keys(value).length === 0) {
      const message = 'A comparison needs at least one operator';
      const help = 'Write for example { "eq": "value" }.';
      return report({ code: 'config-invalid-value', path, part: 'value', message, help });
    }
    check(value, path, report);
  };
}

function textOr(other: Check): Check {
  return (value, path, report) => (typeof value === 'string' ? short : other)(value, path, report);
}

const matchable = textOr(operators({ ...OPERATORS, re: short }));

const onHost = closed({
  noun: 'a condition on the host',
  fields: { type: oneOf('host'), value: matchable },
  required: ['type', 'value'],
  example: '{ "type": "host", "value": "example.com" }',
  misplaced: {
    key: () => ({
      message: 'A condition on the host has no "key"',
      help: 'There is one host: write { "type": "host", "value": "example.com" }.',
    }),
  },
});

const onField = closed({
  noun: 'a condition',
  fields: { type: oneOf('header', 'cookie', 'query', 'host'), key: short, value: matchable },
  required: ['type', 'key'],
  example: '{ "type": "header", "key": "x-name" }',
});

const condition: Check = (value, path, report) =>
  (isObject(value) && value.type === 'host' ? onHost : onField)(value, path, report);

/** `has` and `missing`. */
export const conditions = list(condition, { max: 16 });

/** `env`: names that may be expanded in a destination or in a transform's arguments. */
export const expandable = names;

/** An origin-form path: what a `request.path` transform may set. */
const observedPath = text({
  max: 2048,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what it forbids
  pattern: /^\/(?!\/)(?!.*[?#\s\x00-\x1F\x7F]).*$/,
  says: 'be a path that starts with one "/" and has no "?", "#" or space',
});

const setPath = closed({
  noun: 'a request.path transform',
  fields: { type: oneOf('request.path'), op: oneOf('set'), args: observedPath, env: names },
  required: ['type', 'op', 'args'],
  example: '{ "type": "request.path", "op": "set", "args": "/items/$1" }',
  misplaced: {
    target: () => ({
      message: 'A request.path transform has no "target"',
      help: 'There is one path: write { "type": "request.path", "op": "set", "args": "/items/$1" }.',
    }),
  },
});

/** `transforms` of a high-level rewrite: only the observed path can be set there. */
export const rewriteTransforms = list(
  (value, path, report) => {
    if (isObject(value) && isOtherTransform(value.type)) {
      const message = `A rewrite can only transform "request.path", not "${value.type}"`;
      const help = 'Put the transform into an entry of "routes".';
      return report({ code: 'config-invalid-route', path: [...path, 'type'], part: 'value', message, help });
    }
    setPath(value, path, report);
  },
  { min: 1 },
);

const OTHER_TRANSFORMS = ['request.headers', 'request.query', 'response.headers'];

function isOtherTransform(type: Json | undefined): boolean {
  return typeof type === 'string' && OTHER_TRANSFORMS.includes(type);
}

const HEADER_NAME = {
  pattern: /^[a-zA-Z0-9_-]+$/,
  says: 'be a header name of letters, digits, "-" and "_"',
  max: 4096,
};
const HEADER_VALUE = {
  pattern: /^[a-zA-Z0-9_ :;.,"'?!(){}[\]@<>=+*#$&`|~\\^%/-]+$/,
  says: 'hold only characters that a header may have',
  max: 4096,
};

function otherTransform(kind: 'header' | 'query', op: Json | undefined): Check {
  const writesHeader = kind === 'header' && op !== 'delete';
  const key = writesHeader ? text(HEADER_NAME) : short;
  const argument = writesHeader ? text(HEADER_VALUE) : short;
  const target: Check = (value, path, report) => {
    if (!isObject(value)) return object(value, path, report);
    if (value.key === undefined) {
      const help = 'Write { "key": "name" }.';
      const message = 'The target of a transform needs a "key"';
      return report({ code: 'config-missing-field', path, part: 'key', message, help });
    }
    const check: Check = typeof value.key === 'string' ? key : operators(OPERATORS);
    check(value.key, [...path, 'key'], report);
  };
  return closed({
    noun: 'a transform',
    fields: {
      type: oneOf(...OTHER_TRANSFORMS, 'request.path'),
      op: oneOf('append', 'set', 'delete'),
      target,
      args: (value, path, report) =>
        (Array.isArray(value) ? list(argument, { min: 1 }) : argument)(value, path, report),
      env: names,
    },
    required: op === 'delete' ? ['type', 'op', 'target'] : ['type', 'op', 'target', 'args'],
    example: '{ "type": "response.headers", "op": "set", "target": { "key": "x-name" }, "args": "value" }',
  });
}

/** `transforms` of an entry of `routes`. */
export const routeTransforms = list(
  (value, path, report) => {
    if (!isObject(value)) return object(value, path, report);
    if (value.type === 'request.path') return setPath(value, path, report);
    otherTransform(value.type === 'request.query' ? 'query' : 'header', value.op)(value, path, report);
  },
  { min: 1 },
);
