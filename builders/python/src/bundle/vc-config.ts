import { architectureOf, passedOn } from '@svc/builder-kit';
import type { FunctionOutputConfig, JsonObject } from '@svc/contracts';

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
    architecture: architectureOf({}),
    environment: { PYTHONPATH: '_vendor', PYTHONDONTWRITEBYTECODE: '1' },
    supportsResponseStreaming: true,
    ...passedOn(settings),
    ...(framework ? { framework } : {}),
  };
}
