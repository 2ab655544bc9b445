import type { FunctionOutputConfig, JsonObject } from '@svc/contracts';

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

export type Architecture = 'x86_64' | 'arm64';

/** What `functions` asks for, else the building machine's. */
export function architectureOf(settings: JsonObject): Architecture {
  if (settings.architecture === 'arm64' || settings.architecture === 'x86_64') return settings.architecture;
  return process.arch === 'arm64' ? 'arm64' : 'x86_64';
}

/** The function's `.vc-config.json`, with the fields that the vendor writes for Rust (section 5 of the reference). */
export function functionConfig(settings: JsonObject): FunctionOutputConfig {
  return {
    runtime: 'executable',
    handler: 'executable',
    runtimeLanguage: 'rust',
    architecture: architectureOf(settings),
    environment: {},
    supportsResponseStreaming: true,
    ...Object.fromEntries(
      PASSED_ON.flatMap(key => (settings[key] === undefined ? [] : [[key, settings[key]]])),
    ),
  };
}
