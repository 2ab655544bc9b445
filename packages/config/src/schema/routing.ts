import type { FailureCode } from '@svc/contracts';
import { anything, type Check, closed, flag, list, oneOf, table, text, whole } from '../checks/shapes.ts';
import { isObject, NameOf } from '../checks/words.ts';
import type { Path } from '../document.ts';
import { conditions, expandable, rewriteTransforms, routeTransforms } from './conditions.ts';

/** Fields and limits as in `@vercel/routing-utils` 6.6 (`dist/schemas.js`); section 6.1 of the services reference. */
const LIST_LIMIT = 2048;
const path = text({ min: 1, max: 4096 });
const status = whole({ min: 100, max: 999 });

const serviceDestination = closed({
  noun: 'a destination',
  fields: { type: oneOf('service'), service: text({ min: 1, max: 64 }), path: text({ max: 4096 }) },
  required: ['service'],
  example: '{ "service": "api" }',
});

const destination: Check = (value, at, report) => {
  if (typeof value === 'string') return path(value, at, report);
  if (isObject(value)) return serviceDestination(value, at, report);
  const message = `${NameOf(at)} must be a path, an address or { "service": "name" }`;
  report({ code: 'config-invalid-value', path: at, part: 'value', message });
};

const SYNONYMS = {
  src: 'source',
  from: 'source',
  path: 'source',
  dest: 'destination',
  to: 'destination',
  status: 'statusCode',
};

const rewrite = closed({
  noun: 'a rewrite',
  fields: {
    source: path,
    destination,
    transforms: rewriteTransforms,
    has: conditions,
    missing: conditions,
    statusCode: status,
    env: expandable,
    respectOriginCacheControl: flag,
  },
  required: ['source', 'destination'],
  example: '{ "source": "/api/:path*", "destination": { "service": "api" } }',
  synonyms: SYNONYMS,
  misplaced: {
    permanent: () => ({
      message: 'A rewrite has no "permanent": it answers under the address that was asked for',
      help: 'Move the rule to "redirects" if the browser is to be sent elsewhere.',
    }),
  },
});

const redirectFields = closed({
  noun: 'a redirect',
  fields: {
    source: path,
    destination: (value, at, report) => {
      if (!isObject(value)) return path(value, at, report);
      const message = 'A redirect sends the browser to an address; it cannot lead to a service';
      const help = 'Move the rule to "rewrites".';
      report({ code: 'config-invalid-route', path: at, part: 'value', message, help });
    },
    permanent: flag,
    statusCode: status,
    has: conditions,
    missing: conditions,
    env: expandable,
  },
  required: ['source', 'destination'],
  example: '{ "source": "/old", "destination": "/new", "permanent": true }',
  synonyms: SYNONYMS,
});

const redirect: Check = (value, at, report) => {
  redirectFields(value, at, report);
  if (!isObject(value) || value.permanent === undefined || value.statusCode === undefined) return;
  report({
    code: 'config-invalid-route',
    path: [...at, 'statusCode'],
    part: 'key',
    message: 'A redirect has either "permanent" or "statusCode", not both',
    help: '"permanent": true means status 308, false means 307. Remove one of the two.',
  });
};

const header = closed({
  noun: 'a header rule',
  fields: {
    source: path,
    headers: (value, at, report) => {
      if (!isObject(value)) return headerPairs(value, at, report);
      const message = `${NameOf(at)} must be a list of { "key", "value" } pairs; it is an object`;
      const help = `Write for example [${pairsOf(value)}].`;
      report({ code: 'config-invalid-value', path: at, part: 'value', message, help });
    },
    has: conditions,
    missing: conditions,
  },
  required: ['source', 'headers'],
  example: '{ "source": "/(.*)", "headers": [{ "key": "x-frame-options", "value": "DENY" }] }',
  synonyms: { src: 'source', from: 'source', path: 'source' },
});

const headerPairs = list(
  closed({
    noun: 'a header',
    fields: { key: text({ max: 4096 }), value: text({ max: 32768 }) },
    required: ['key', 'value'],
    example: '{ "key": "x-frame-options", "value": "DENY" }',
    synonyms: { name: 'key' },
  }),
  { max: 1024 },
);

function pairsOf(headers: object): string {
  const pairs = Object.entries(headers).slice(0, 2);
  const lines = pairs.map(
    ([key, value]) => `{ "key": ${JSON.stringify(key)}, "value": ${JSON.stringify(value)} }`,
  );
  return lines.join(', ') || '{ "key": "x-frame-options", "value": "DENY" }';
}

const sourceRoute = closed({
  noun: 'a route',
  fields: {
    src: path,
    source: path,
    dest: path,
    destination,
    headers: table(text({ max: 32768 }), { min: 1, max: 100, keyMax: 256 }),
    methods: list(text({ max: 32 }), { max: 10 }),
    caseSensitive: flag,
    important: flag,
    user: flag,
    continue: flag,
    override: flag,
    check: flag,
    isInternal: flag,
    status,
    statusCode: status,
    locale: closed({
      noun: 'a locale rule',
      fields: {
        redirect: table(text({ max: 4096 }), { min: 1, max: 100, keyMax: 256 }),
        value: text({ max: 4096 }),
        path: text({ max: 4096 }),
        cookie: text({ max: 4096 }),
        default: text({ max: 4096 }),
      },
    }),
    middleware: anything,
    middlewarePath: text(),
    middlewareRawSrc: list(text()),
    has: conditions,
    missing: conditions,
    mitigate: closed({
      noun: 'a mitigation',
      fields: { action: oneOf('challenge', 'deny') },
      required: ['action'],
      example: '{ "action": "deny" }',
    }),
    transforms: routeTransforms,
    env: expandable,
    respectOriginCacheControl: flag,
  },
});

const handleRoute = closed({
  noun: 'a phase marker',
  fields: { handle: oneOf('filesystem', 'rewrite', 'resource', 'miss', 'hit', 'error') },
  example: '{ "handle": "filesystem" }',
});

const ALIASES: readonly (readonly [string, string])[] = [
  ['src', 'source'],
  ['dest', 'destination'],
  ['status', 'statusCode'],
];

const route: Check = (value, at, report) => {
  if (isObject(value) && value.handle !== undefined) return handleRoute(value, at, report);
  sourceRoute(value, at, report);
  if (!isObject(value)) return;
  const misfit = (code: FailureCode, where: Path, message: string, help: string) =>
    report({ code, path: where, part: 'key', message, help });
  for (const [one, other] of ALIASES) {
    if (value[one] === undefined || value[other] === undefined) continue;
    const message = `A route has either "${one}" or "${other}", not both: they mean the same`;
    misfit('config-invalid-route', [...at, other], message, 'Remove one of the two.');
  }
  if (value.src === undefined && value.source === undefined) {
    const message = `${NameOf(at)} has no "src"`;
    misfit('config-missing-field', at, message, 'Write for example { "src": "/old", "dest": "/new" }.');
  }
  if (isObject(value.destination) && value.continue === true) {
    const message = 'A route that leads to a service cannot "continue": the service gives the final answer';
    misfit('config-invalid-route', [...at, 'continue'], message, 'Remove "continue".');
  }
};

/** The public routing fields, equal at the top level and in a service. */
export const ROUTING_FIELDS: Readonly<Record<string, Check>> = {
  headers: list(header, { max: LIST_LIMIT }),
  redirects: list(redirect, { max: LIST_LIMIT }),
  rewrites: list(rewrite, { max: LIST_LIMIT }),
  routes: list(route),
  cleanUrls: flag,
  trailingSlash: flag,
};
