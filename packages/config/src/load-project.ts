import { join, resolve } from 'node:path';
import { type Failure, failed, type JsonObject, ok, type Project, type Result } from '@svc/contracts';
import { findBoundary } from './boundary.ts';
import { checkReferences } from './checks/references.ts';
import { inReadingOrder, reporterFor } from './checks/report.ts';
import { isObject } from './checks/words.ts';
import type { Document } from './document.ts';
import { readIfPresent } from './files.ts';
import { configFileIn } from './find-project.ts';
import { type ConfigFile, type Reading, readDocument } from './formats/index.ts';
import { readLocalConfig } from './local-config.ts';
import { APP, appProject, servicesProject } from './project.ts';
import { readProjectSettings } from './project-settings.ts';
import { checkRules } from './routes/check-rules.ts';
import { checkProject, declaresServices } from './schema/project.ts';
import { gatherWarnings } from './warnings/index.ts';

export interface LoadOptions {
  /** The caller's environment: for configurations that are programs, and for the warning about bindings. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads, checks and compiles the configuration of the project in `directory`. Fails with all that is wrong with it, in
 * reading order: `config-*` codes, each with its place. What is allowed but will surprise is in `warnings`.
 */
export async function loadProject(directory: string, options: LoadOptions): Promise<Result<Project>> {
  const root = resolve(directory);
  const found = await configFileIn(root);
  if (!found.ok) return found;
  const configFile = found.value;
  const reading: Reading = configFile ? await readConfig(root, configFile, options) : { failures: [] };
  const { document } = reading;
  const config = document && isObject(document.value) ? document.value : {};
  const [local, settings] = await Promise.all([
    // Of a file that cannot be read nobody knows the services: their names in svc.json are then not judged.
    readLocalConfig(root, configFile && !document ? undefined : namesOf(config)),
    readProjectSettings(root, declaresServices(config)),
  ]);

  const failures: readonly Failure[] = [
    ...reading.failures,
    ...(document ? await problemsOf(document) : []),
    ...local.failures,
    // A file that cannot be read may well have the services that the settings promise.
    ...(configFile && !document ? [] : settings.failures),
  ];
  if (failures.length > 0) return failed(...inReadingOrder(failures));

  const boundary = await findBoundary(root);
  const base = { directory: root, boundary, ...(configFile ? { configFile } : {}), config, local };
  const project = declaresServices(config)
    ? await servicesProject({ ...base, ...(document ? { document } : {}) })
    : await appProject({ ...base, ...(document ? { document } : {}) });
  const warnings = await gatherWarnings({
    project,
    config,
    settings,
    env: options.env,
    ...(document ? { document } : {}),
  });
  return ok({ ...project, warnings: inReadingOrder(warnings) });
}

async function readConfig(directory: string, file: ConfigFile, options: LoadOptions): Promise<Reading> {
  const text = await readIfPresent(join(directory, file), file);
  if (!text.ok) return text;
  return readDocument(file, text.value ?? '', { directory, env: options.env });
}

function namesOf(config: JsonObject): readonly string[] {
  if (!declaresServices(config)) return [APP];
  return isObject(config.services) ? Object.keys(config.services) : [];
}

async function problemsOf(document: Document): Promise<readonly Failure[]> {
  const reporter = reporterFor(document);
  const config = document.value;
  checkProject(config, reporter.report);
  if (!isObject(config)) return reporter.failures;
  await checkRules(config, [], reporter);
  const services = isObject(config.services) ? config.services : {};
  for (const [name, service] of Object.entries(services)) {
    if (isObject(service)) await checkRules(service, ['services', name], reporter);
  }
  checkReferences(config, reporter.report);
  return reporter.failures;
}
