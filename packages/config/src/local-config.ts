import { join } from 'node:path';
import type { Failure, JsonObject, LocalServiceConfig } from '@svc/contracts';
import { unknownService } from './checks/references.ts';
import { reporterFor } from './checks/report.ts';
import { isObject } from './checks/words.ts';
import { readIfPresent } from './files.ts';
import { conflict } from './find-project.ts';
import { readJson } from './formats/json.ts';
import { localFile } from './schema/local.ts';

const FILES = ['svc.json', 'svc.jsonc'] as const;

/** What `svc.json` says, by service. */
export interface LocalConfig {
  of(service: string): LocalServiceConfig;
  readonly failures: readonly Failure[];
}

/**
 * Reads `svc.json` or `svc.jsonc` beside the configuration. Neither has to be there. `services` are the names that it may
 * speak of; undefined when they are not known.
 */
export async function readLocalConfig(
  directory: string,
  services: readonly string[] | undefined,
): Promise<LocalConfig> {
  const [json, jsonc] = await Promise.all(FILES.map(file => readIfPresent(join(directory, file), file)));
  if (!json?.ok || !jsonc?.ok)
    return nothing([json, jsonc].flatMap(read => (read && !read.ok ? read.failures : [])));
  if (json.value !== undefined && jsonc.value !== undefined) return nothing([conflict(FILES)]);
  const text = json.value ?? jsonc.value;
  if (text === undefined) return nothing([]);
  const comments = jsonc.value !== undefined;
  const { document, failures } = await readJson(comments ? 'svc.jsonc' : 'svc.json', text, { comments });
  if (!document) return nothing(failures);
  const reporter = reporterFor(document);
  localFile(document.value, [], reporter.report);
  const whole = isObject(document.value) ? document.value : {};
  const entries = isObject(whole.services) ? whole.services : {};
  for (const name of Object.keys(entries)) {
    if (!services || services.includes(name)) continue;
    const problem = unknownService(name, services);
    reporter.report({ code: 'config-unknown-service', path: ['services', name], part: 'key', ...problem });
  }
  return {
    of: name => {
      const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
      return localService(whole, isObject(entry) ? entry : {});
    },
    failures: [...failures, ...reporter.failures],
  };
}

function nothing(failures: readonly Failure[]): LocalConfig {
  return { of: () => localService({}, {}), failures };
}

/** What is said for all services applies to each, then what is said for the one. */
function localService(whole: JsonObject, entry: JsonObject): LocalServiceConfig {
  return {
    env: unique([...textsOf(whole.env), ...textsOf(entry.env)]),
    envFiles: unique([...textsOf(whole.envFiles), ...textsOf(entry.envFiles)]),
    inputs: unique(textsOf(entry.inputs)),
    ...(typeof entry.builder === 'string' ? { builder: entry.builder } : {}),
    ...(Array.isArray(whole.builders) ? { builders: unique(textsOf(whole.builders)) } : {}),
    ...(typeof entry.builderTimeout === 'number' ? { builderTimeout: entry.builderTimeout } : {}),
    ...(typeof entry.context === 'string' ? { context: entry.context } : {}),
    ...(entry.secrets === undefined ? {} : { secrets: unique(textsOf(entry.secrets)) }),
    ...(typeof entry.engine === 'string' ? { engine: entry.engine } : {}),
  };
}

function textsOf(value: JsonObject[string] | undefined): string[] {
  return Array.isArray(value) ? value.filter(entry => typeof entry === 'string') : [];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
