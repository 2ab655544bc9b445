import type { FunctionOutputConfig, JsonObject } from '@svc/contracts';

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

export const HANDLER_FILE = 'vc__handler__python.py';

/** The function's `.vc-config.json`, with the fields that the vendor writes for Python (section 5 of the reference). */
export function functionConfig(
  minor: string,
  settings: JsonObject,
  framework: { readonly slug: string; readonly version: string } | undefined,
): FunctionOutputConfig {
  return {
    runtime: `python${minor}`,
    handler: HANDLER_FILE.replace(/py$/, 'vc_handler'),
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    environment: { PYTHONPATH: '_vendor', PYTHONDONTWRITEBYTECODE: '1' },
    supportsResponseStreaming: true,
    ...Object.fromEntries(
      PASSED_ON.flatMap(key => (settings[key] === undefined ? [] : [[key, settings[key]]])),
    ),
    ...(framework ? { framework } : {}),
  };
}
