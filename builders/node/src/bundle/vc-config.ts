import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FunctionOutputConfig, JsonObject } from '@svc/contracts';
import { nodeFramework } from '../frameworks.ts';
import { settingsFor } from '../function-settings.ts';
import { installedPackage } from './installed.ts';
import { type BundleJob, insideFunction } from './job.ts';

/** Settings of `functions` that go into the function's configuration as they are. */
const PASSED_ON = [
  'memory',
  'maxDuration',
  'maxConcurrency',
  'regions',
  'functionFailoverRegions',
  'experimentalTriggers',
  'supportsCancellation',
  'affinity',
] as const;

/** The function's `.vc-config.json`, with the fields that the vendor writes for backends (section 5 of the reference). */
export function functionConfig(job: BundleJob, handler: string): FunctionOutputConfig {
  const settings = settingsOf(job);
  const version = frameworkVersion(job);
  return {
    runtime: `nodejs${job.input.nodeVersion}.x`,
    handler,
    launcherType: 'Nodejs',
    architecture: settings.architecture === undefined ? hostArchitecture() : architecture(settings),
    environment: {},
    shouldAddHelpers: false,
    shouldAddSourcemapSupport: true,
    supportsResponseStreaming: true,
    awsLambdaHandler: '',
    ...Object.fromEntries(
      PASSED_ON.flatMap(key => (settings[key] === undefined ? [] : [[key, settings[key]]])),
    ),
    ...(version === undefined ? {} : { framework: { slug: job.input.framework, version } }),
  };
}

export function settingsOf(job: BundleJob): JsonObject {
  return settingsFor(job.input.functions, insideFunction({ ...job, boundary: job.root }, job.entrypoint));
}

function architecture(settings: JsonObject): 'x86_64' | 'arm64' {
  return settings.architecture === 'arm64' ? 'arm64' : 'x86_64';
}

/** Addons are installed for the machine that builds, so that is where a function can run. */
function hostArchitecture(): 'x86_64' | 'arm64' {
  return process.arch === 'arm64' ? 'arm64' : 'x86_64';
}

function frameworkVersion(job: BundleJob): string | undefined {
  const name = nodeFramework(job.input.framework)?.versionOf;
  const folder = name && installedPackage(name, dirname(job.entrypoint), job.boundary);
  if (!folder) return undefined;
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string }).version;
}
