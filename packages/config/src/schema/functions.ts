import { type Check, closed, flag, list, number, oneOf, table, text, whole } from '../checks/shapes.ts';
import { isObject, listed, NameOf, nameOf } from '../checks/words.ts';

/** Section 1.4 of the services reference; 3600 s is the limit of the vendor's CLI 64. */
const MAX_DURATION = 3600;

const maxDuration: Check = (value, path, report) => {
  if (value === 'max') return;
  if (typeof value === 'string' && !Number.isFinite(Number(value))) {
    const message = `${NameOf(path)} must be a number of seconds or "max"; it is "${value}"`;
    return report({ code: 'config-invalid-value', path, part: 'value', message });
  }
  whole({ min: 1, max: MAX_DURATION })(value, path, report);
};

const files: Check = (value, path, report) => {
  if (!Array.isArray(value)) return text({ max: 256 })(value, path, report);
  const globs = value.filter(glob => typeof glob === 'string');
  report({
    code: 'config-invalid-value',
    path,
    part: 'value',
    message: `${NameOf(path)} must be one glob, not a list`,
    help: `Braces combine several: "{${globs.join(',')}}".`,
  });
};

const TRIGGER_FIELDS = {
  topic: text({ min: 1 }),
  maxDeliveries: number({ min: 1 }),
  retryAfterSeconds: number({ above: 0 }),
  initialDelaySeconds: number({ min: 0 }),
  maxConcurrency: number({ min: 1 }),
};

const TRIGGERS: Readonly<Record<string, Check>> = {
  'queue/v1beta': closed({
    noun: 'a queue trigger',
    fields: { type: oneOf('queue/v1beta'), consumer: text({ min: 1 }), ...TRIGGER_FIELDS },
    required: ['topic', 'consumer'],
  }),
  'queue/v2beta': closed({
    noun: 'a queue trigger',
    fields: { type: oneOf('queue/v2beta'), ...TRIGGER_FIELDS },
    required: ['topic'],
  }),
  'schedule/v1beta': closed({ noun: 'a schedule trigger', fields: { type: oneOf('schedule/v1beta') } }),
};

const trigger: Check = (value, path, report) => {
  const check = isObject(value) && typeof value.type === 'string' ? TRIGGERS[value.type] : undefined;
  if (check) return check(value, path, report);
  const kinds = listed(
    Object.keys(TRIGGERS).map(kind => `"${kind}"`),
    'or',
  );
  const message = `${NameOf(path)} must be an object whose "type" is ${kinds}`;
  report({ code: 'config-invalid-value', path, part: 'value', message });
};

const settings = closed({
  noun: 'the settings of a function',
  fields: {
    architecture: oneOf('x86_64', 'arm64'),
    runtime: text({ max: 256 }),
    memory: number({ min: 128, max: 10240 }),
    maxDuration,
    maxConcurrency: whole({ min: 1 }),
    regions: list(text()),
    functionFailoverRegions: list(text()),
    includeFiles: files,
    excludeFiles: files,
    experimentalTriggers: list(trigger),
    supportsCancellation: flag,
    affinity: closed({ noun: 'an affinity', fields: { mode: oneOf('strict') }, required: ['mode'] }),
  },
  synonyms: { timeout: 'maxDuration', region: 'regions' },
});

const functionSettings: Check = (value, path, report) => {
  settings(value, path, report);
  if (!isObject(value) || value.affinity === undefined) return;
  if (!Array.isArray(value.regions) || value.regions.length < 2) return;
  const message = `${nameOf([...path, 'affinity'])} works in one region only, and "regions" names ${value.regions.length}`;
  report({ code: 'config-invalid-value', path: [...path, 'regions'], part: 'value', message });
};

/** `functions`: globs relative to the service's root; the first that matches a source file wins. */
export const functions = table(functionSettings, { min: 1, max: 50, keyMax: 256 });
