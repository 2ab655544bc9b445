import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure, JsonObject, LocalServiceConfig } from '@svc/contracts';
import { unknownService } from './checks/references.ts';
import { reporterFor } from './checks/report.ts';
import { isObject } from './checks/words.ts';
import { conflict, isFileSystemError } from './find-project.ts';
import { readJson } from './formats/json.ts';
import { localFile } from './schema/local.ts';

/** What `svc.json` says, by service. */
export interface LocalConfig {
  of(service: string): LocalServiceConfig;
  readonly failures: readonly Failure[];
}

/** Reads `svc.json` or `svc.jsonc` beside the configuration. Neither has to be there. */
export async function readLocalConfig(directory: string, services: readonly string[]): Promise<LocalConfig> {
  const [json, jsonc] = await Promise.all([textOf(directory, 'svc.json'), textOf(directory, 'svc.jsonc')]);
  if (json !== undefined && jsonc !== undefined) {
    return { of: () => localService({}, {}), failures: [conflict(['svc.json', 'svc.jsonc'])] };
  }
  const text = json ?? jsonc;
  if (text === undefined) return { of: () => localService({}, {}), failures: [] };
  const file = json === undefined ? 'svc.jsonc' : 'svc.json';
  const { document, failures } = await readJson(file, text, { comments: jsonc !== undefined });
  if (!document) return { of: () => localService({}, {}), failures };
  const reporter = reporterFor(document);
  localFile(document.value, [], reporter.report);
  const whole = isObject(document.value) ? document.value : {};
  const entries = isObject(whole.services) ? whole.services : {};
  for (const name of Object.keys(entries)) {
    if (services.includes(name)) continue;
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

/** What is said for all services applies to each, then what is said for the one. */
function localService(whole: JsonObject, entry: JsonObject): LocalServiceConfig {
  return {
    env: unique([...textsOf(whole.env), ...textsOf(entry.env)]),
    envFiles: unique([...textsOf(whole.envFiles), ...textsOf(entry.envFiles)]),
    inputs: unique(textsOf(entry.inputs)),
    ...(typeof entry.builder === 'string' ? { builder: entry.builder } : {}),
    ...(typeof entry.context === 'string' ? { context: entry.context } : {}),
  };
}

function textsOf(value: JsonObject[string] | undefined): string[] {
  return Array.isArray(value) ? value.filter(entry => typeof entry === 'string') : [];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

async function textOf(directory: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, file), 'utf8');
  } catch (error) {
    if (isFileSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
