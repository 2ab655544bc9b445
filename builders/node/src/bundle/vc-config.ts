import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { architectureOf, passedOn, settingsFor } from '@svc/builder-kit';
import type { FunctionOutputConfig, JsonObject } from '@svc/contracts';
import { nodeFramework } from '../frameworks.ts';
import { installedPackage } from './installed.ts';
import { type BundleJob, insideFunction } from './job.ts';

/** The function's `.vc-config.json`, with the fields that the vendor writes for backends (section 5 of the reference). */
export function functionConfig(job: BundleJob, handler: string): FunctionOutputConfig {
  const settings = settingsOf(job);
  const version = frameworkVersion(job);
  return {
    runtime: `nodejs${job.input.nodeVersion}.x`,
    handler,
    launcherType: 'Nodejs',
    // Without a setting it is the building machine's: addons are installed for it.
    architecture: architectureOf(settings),
    environment: {},
    shouldAddHelpers: false,
    shouldAddSourcemapSupport: true,
    supportsResponseStreaming: true,
    awsLambdaHandler: '',
    ...passedOn(settings),
    ...(version === undefined ? {} : { framework: { slug: job.input.framework, version } }),
  };
}

export function settingsOf(job: BundleJob): JsonObject {
  return settingsFor(job.input.functions, insideFunction({ ...job, boundary: job.root }, job.entrypoint));
}

function frameworkVersion(job: BundleJob): string | undefined {
  const name = nodeFramework(job.input.framework)?.versionOf;
  const folder = name && installedPackage(name, dirname(job.entrypoint), job.boundary);
  if (!folder) return undefined;
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string }).version;
}
