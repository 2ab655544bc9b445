import type { Json } from '@svc/contracts';
import type { Report } from '../checks/report.ts';
import { type Check, closed, flag, list, oneOf, text, whole } from '../checks/shapes.ts';
import { inline, isObject, kindOf, listed } from '../checks/words.ts';
import { nameProblem } from './names.ts';
import { ROUTING_FIELDS } from './routing.ts';
import { BUILD_FIELDS, service } from './service.ts';

/** Limits as the vendor's CLI 64 has them. */
const crons = list(
  closed({
    noun: 'a cron job',
    fields: {
      path: text({ min: 1, max: 512, pattern: /^\/.*/, says: 'start with "/"' }),
      schedule: text({
        max: 256,
        pattern: /^\s*(\S+\s+){4}\S+\s*$/,
        says: 'have five fields, as in "0 5 * * *"',
      }),
      description: text(),
    },
    required: ['path', 'schedule'],
    example: '{ "path": "/api/clean-up", "schedule": "0 5 * * *" }',
    synonyms: { cron: 'schedule', url: 'path' },
  }),
);

const patternFields = { pathname: text({ min: 1, max: 256 }), search: text({ max: 256 }) };

const images = closed({
  noun: 'the settings of image optimisation',
  fields: {
    sizes: list(whole({ min: 1 }), { min: 1, max: 50 }),
    domains: list(text({ min: 1, max: 256 }), { max: 50 }),
    remotePatterns: list(
      closed({
        noun: 'a remote pattern',
        fields: {
          protocol: oneOf('http', 'https'),
          hostname: text({ min: 1, max: 256 }),
          port: text({ max: 5 }),
          ...patternFields,
        },
        required: ['hostname'],
        example: '{ "protocol": "https", "hostname": "images.example.com" }',
      }),
      { max: 50 },
    ),
    localPatterns: list(closed({ noun: 'a local pattern', fields: patternFields }), { max: 25 }),
    minimumCacheTTL: whole({ min: 1, max: 315_360_000 }),
    qualities: list(whole({ min: 1, max: 100 }), { min: 1, max: 20 }),
    formats: list(oneOf('image/avif', 'image/webp', 'image/jpeg', 'image/png'), { min: 1, max: 4 }),
    dangerouslyAllowSVG: flag,
    contentSecurityPolicy: text({ min: 1, max: 256 }),
    contentDispositionType: oneOf('inline', 'attachment'),
  },
  required: ['sizes'],
  example: '"images": { "sizes": [640, 1080] }',
});

const SHARED_FIELDS: Readonly<Record<string, Check>> = { ...ROUTING_FIELDS, crons, images };

/**
 * Every top-level key that means something, to the vendor or to us: the root object is open, and an unknown key is only
 * worth a word when it is nearly one of these. Section 1.3 of the services reference.
 */
export const TOP_LEVEL_KEYS: readonly string[] = [
  'services',
  ...Object.keys(SHARED_FIELDS),
  ...Object.keys(BUILD_FIELDS),
  ...[
    '$schema',
    'version',
    'name',
    'alias',
    'public',
    'regions',
    'functionFailoverRegions',
    'git',
    'github',
    'env',
  ],
  ...['build', 'builds', 'bunVersion', 'proxy', 'schedules', 'daemons', 'scope', 'fluid', 'relatedProjects'],
  ...[
    'experimentalServices',
    'experimentalServicesV2',
    'wildcard',
    'probes',
    'passiveRegions',
    'customErrorPage',
  ],
];

/** Whether the configuration declares services, rather than being one app. */
export function declaresServices(value: Json): boolean {
  return isObject(value) && Object.hasOwn(value, 'services');
}

/** Checks a whole configuration file, and reports everything that its shape alone shows to be wrong. */
export function checkProject(value: Json, report: Report): void {
  if (!isObject(value)) {
    const message = `The configuration must be an object { … }; it is ${kindOf(value)}`;
    report({ code: 'config-invalid-value', path: [], part: 'value', message });
    return;
  }
  checkFields(SHARED_FIELDS, value, report);
  checkOldForms(value, report);
  if (!declaresServices(value)) {
    // The vendor writes null for "the framework's own" at the top level.
    checkFields(BUILD_FIELDS, withoutNulls(value), report);
    return;
  }
  checkServices(value.services ?? null, report);
  checkBuildFields(value, report);
}

function checkFields(
  fields: Readonly<Record<string, Check>>,
  value: { readonly [key: string]: Json },
  report: Report,
): void {
  for (const [key, check] of Object.entries(fields)) {
    const entry = value[key];
    if (entry !== undefined) check(entry, [key], report);
  }
}

export function withoutNulls(value: { readonly [key: string]: Json }): { readonly [key: string]: Json } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null));
}

function checkServices(services: Json, report: Report): void {
  if (!isObject(services)) {
    const message = `"services" must be an object, one entry a service; it is ${kindOf(services)}`;
    const help = 'Write for example "services": { "web": { "root": "apps/web" } }.';
    report({ code: 'config-invalid-value', path: ['services'], part: 'value', message, help });
    return;
  }
  const names = Object.keys(services);
  if (names.length === 0) {
    const message = '"services" is empty: there is nothing to build';
    const help =
      'Write for example "services": { "web": { "root": "apps/web" } }, or remove the key to build the folder as one app.';
    report({ code: 'config-invalid-value', path: ['services'], part: 'value', message, help });
  }
  for (const [name, entry] of Object.entries(services)) {
    const path = ['services', name];
    const problem = nameProblem(name);
    if (problem) report({ code: 'config-invalid-name', path, part: 'key', ...problem });
    service(entry, path, report);
  }
}

/** With services, each build setting has one owner: the service. */
function checkBuildFields(value: { readonly [key: string]: Json }, report: Report): void {
  const names = isObject(value.services) ? Object.keys(value.services) : [];
  for (const field of Object.keys(BUILD_FIELDS)) {
    const entry = value[field];
    if (entry === undefined || entry === null) continue;
    report({
      code: 'config-forbidden-field',
      path: [field],
      part: 'key',
      message: `"${field}" cannot stand at the top level when there are services: each service has its own`,
      help: `${whereTo(names)}\n${linesFor(names, field, entry)}`,
    });
  }
}

function whereTo(names: readonly string[]): string {
  const [only] = names;
  if (names.length === 1) return `Move it into service "${only}":`;
  const choices = listed(
    names.map(name => `"${name}"`),
    'or',
  );
  return names.length === 0
    ? 'Move it into a service:'
    : `Move it into the service that it is for, ${choices}:`;
}

function linesFor(names: readonly string[], field: string, entry: Json): string {
  const name = names[0] ?? 'web';
  const setting = `"${field}": ${inline(entry)}`;
  return `"services": { "${name}": { …, ${setting} } }`;
}

/** Older ways to say what runs. To ignore them silently would build something else than the user asked for. */
function checkOldForms(value: { readonly [key: string]: Json }, report: Report): void {
  const forbid = (field: string, message: string, help: string) => {
    if (value[field] === undefined || value[field] === null) return;
    report({ code: 'config-forbidden-field', path: [field], part: 'key', message, help });
  };
  forbid(
    'builds',
    '"builds" is an older format that svc does not read',
    'Remove it: svc finds the builder of a folder by itself. Describe each part of the repository under "services".',
  );
  forbid(
    'experimentalServices',
    '"experimentalServices" is an older feature with another meaning',
    'Describe the services under "services", and lead requests to them with "rewrites".',
  );
  forbid(
    'experimentalServicesV2',
    declaresServices(value)
      ? '"experimentalServicesV2" is the old name of "services", and both are there'
      : '"experimentalServicesV2" is the old name of "services"',
    declaresServices(value) ? 'Keep "services" and remove this.' : 'Rename it to "services".',
  );
}
